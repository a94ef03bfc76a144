"""The cases of each system, decided at birth."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from demo.life import LOCAL, Dated, System, Weighted, dice, finish, moment, workdays_after, working, workload
from demo.regions import DEPARTMENTS, counties

COUNTIES = Weighted(((code, name, city), weight) for code, name, city, weight in counties())
TOPICS = {
    "求决": [
        "小区二次供水水压不足",
        "老旧小区电梯停运",
        "拖欠工资求助",
        "路灯损坏长期未修",
        "农村公路塌方未清",
        "占道堆放建筑材料",
    ],
    "咨询": ["新生儿落户所需材料", "公积金贷款额度", "居住证办理时限", "医保异地结算", "个体户注册流程"],
    "揭发控告": ["违规收取停车费", "餐饮油烟扰民", "无证经营"],
    "意见建议": ["公交线路增设站点", "农贸市场规划建议", "增设人行横道"],
    "申诉": ["对处理结果有异议", "处罚决定申诉"],
}
KINDS = Weighted([("求决", 52), ("咨询", 24), ("揭发控告", 9), ("意见建议", 11), ("申诉", 4)])
LIMIT = {"咨询": 3, "求决": 7, "意见建议": 7, "揭发控告": 15, "申诉": 15}
BY_TOPIC = Weighted([("zjt", 20), ("rst", 14), ("gat", 16), ("jtt", 12), ("wjw", 9), ("sthjt", 9), ("zrzyt", 7), ("jyt", 7),
            ("mzt", 5), ("fgw", 3), ("jxt", 3), ("czt", 2), ("kjt", 1)])  # fmt: skip
ITEMS = ("营业执照", "食品经营许可", "道路运输证", "施工许可", "排污许可", "教师资格")
PERMITTING = ("zjt", "jtt", "jyt", "wjw", "sthjt", "gat", "rst", "zrzyt", "mzt", "jxt")
ORIGINS = ("会议", "批示", "文件", "大督查")
MATTER_OF = ("道路整治", "项目开工", "资金拨付", "隐患排查", "清欠工作", "学位供给")
RATINGS = Weighted([(5, 80), (4, 14), (3, 4), (2, 1), (1, 1)])
CLASSES = Weighted([("特急", 6), ("急件", 22), ("平件", 72)])
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周", "伟芳娜敏静丽强磊军洋勇艳杰娟涛"
REPLIES = {"zrzyt": 0.8, "rst": 0.87, "sthjt": 0.91, "jtt": 0.93, "gat": 0.94, "zjt": 0.95, "jyt": 0.96}
"""How often a department reports on a supervised matter in time; the others nearly always do."""
SLOW = {"5117": 0.88, "5119": 0.925, "5113": 0.935, "5116": 0.94}
"""Cities that have fallen behind, by their on-time rate."""


def behind(department: str, day: date) -> bool:
    """Natural Resources falls behind with its documents for two weeks of every six, and catches up."""
    return department == "zrzyt" and (day.toordinal() // 7) % 6 in (1, 2)


def _on_time(city: str, department: str, day: date) -> float:
    """Dazhou fell behind and recovers in waves of seven weeks; one department is slow as a habit."""
    rate = 0.982
    wave = (day.toordinal() // 7) % 7
    if city[:4] in SLOW:
        rate = SLOW[city[:4]] if wave in (3, 4, 5, 6) or city[:4] != "5117" else 0.97
    return rate - (0.05 if department == "zrzyt" else 0) - (0.03 if department == "rst" and wave in (2, 3) else 0)


def _hotline(day: date) -> list[Dated]:
    made = []
    for number in range(workload(day, 66)):
        roll = dice("hotline", day, number)
        category = KINDS.pick(roll)
        code, county, city = COUNTIES.pick(roll)
        department = BY_TOPIC.pick(roll)
        accepted = moment(roll, day, night=0.25)
        assigned = accepted + timedelta(minutes=roll.uniform(2, 40))
        sign_due = workdays_after(assigned, 1)
        signed = finish(roll, assigned, sign_due, 0.99)
        due = workdays_after(accepted, LIMIT[category])
        closed = finish(roll, max(signed, assigned), max(due, signed), _on_time(city, department, day))
        called = closed + timedelta(hours=roll.uniform(2, 60)) if roll.random() < 0.92 else None
        rounded = {name: when.replace(microsecond=0) for name, when in (("accepted", accepted), ("assigned", assigned))}
        case: Dated = {
            "_id": f"SC{day:%Y%m%d}{number:04d}", "category": category, "title": roll.choice(TOPICS[category]),
            "department": department, "county": code, **rounded, "signed": max(signed, rounded["assigned"]),
            "sign_due": sign_due, "due": due, "closed": max(closed, signed),
            "called_back": called.replace(microsecond=0) if called else None,
            "satisfied": "yes" if roll.random() < 0.945 else "no", "repeated": "yes" if roll.random() < 0.07 else "no",
            "name": roll.choice(SURNAMES) + "".join(roll.choice(GIVEN) for _ in range(roll.choice((1, 2)))),
            "phone": f"1{roll.choice('3578')}{roll.randrange(10**8, 10**9)}", 
            "address": f"{county}{roll.choice('东西南北')}街{roll.randrange(1, 400)}号",
            "content": f"来电反映：{county}{roll.choice(TOPICS[category])}，请协调处理。",
        }  # fmt: skip
        if roll.random() < 0.004 and case["closed"] is not None:
            shown = case["closed"]
            case["_corrected"] = (shown + timedelta(hours=20), "closed", shown + timedelta(hours=roll.choice((-6, 9))))
        made.append(case)
    return made


def _permits(day: date) -> list[Dated]:
    made = []
    for number in range(workload(day, 24) if working(day) else 2):
        roll = dice("permits", day, number)
        accepted = moment(roll, day, night=0.02).replace(microsecond=0)
        spot = roll.random() < 0.34
        days = 0 if spot else roll.choice((3, 5, 5, 10, 15))
        promised = workdays_after(accepted, max(days, 1))
        closed = accepted + timedelta(minutes=roll.uniform(8, 55)) if spot else finish(roll, accepted, promised, 0.985)
        closed = closed.replace(microsecond=0)
        _, _, city = COUNTIES.pick(roll)
        rated = closed + timedelta(hours=roll.uniform(0.2, 20)) if roll.random() < 0.6 else None
        made.append(
            {
                "_id": f"XK{day:%Y%m%d}{number:03d}", "item": roll.choice(ITEMS),
                "department": roll.choice(PERMITTING),
                "city": city, "channel": "网上" if roll.random() < 0.72 else "窗口", "accepted": accepted, "due": promised,
                "closed": closed, "on_spot": int(spot), "rated": rated,
                "rating": RATINGS.pick(roll),
                "applicant": roll.choice(SURNAMES) + roll.choice(GIVEN), "applicant_phone": f"13{roll.randrange(10**8, 10**9)}",
            }
        )  # fmt: skip
    return made


def _documents(day: date) -> list[Dated]:
    made = []
    for number in range(workload(day, 20) if working(day) else 1):
        roll = dice("documents", day, number)
        received = moment(roll, day, night=0.03).replace(microsecond=0)
        kind = CLASSES.pick(roll)
        due = workdays_after(received, {"特急": 1, "急件": 2, "平件": 7}[kind])
        department = roll.choice(list(DEPARTMENTS))
        finished = finish(roll, received, due, 0.75 if behind(department, day) else 0.986)
        returned, online = (roll.random() < 0.015), (roll.random() < 0.965)
        late = roll.random() < (0.09 if department == "kjt" else 0.02)  # it went on on paper, and was entered afterwards
        entered = received + (timedelta(hours=roll.uniform(26, 90)) if late else timedelta(minutes=roll.uniform(1, 25)))
        made.append(
            {
                "_id": f"川办〔{day.year}〕{day.timetuple().tm_yday:03d}{number:02d}", "department": department, "class": kind,
                "received": received, "due": due, "finished": finished, "returned": "yes" if returned else "no",
                "online": "yes" if online else "no", "entered": entered.replace(microsecond=0),
            }
        )  # fmt: skip
    return made


def _matters(day: date) -> list[Dated]:
    made = []
    for number in range(workload(day, 4.6) if working(day) else 0):
        roll = dice("matters", day, number)
        opened = datetime(day.year, day.month, day.day, 9, tzinfo=LOCAL)
        department = roll.choice(list(DEPARTMENTS))
        slow = REPLIES.get(department, 0.985)
        reply_due = workdays_after(opened, 5)
        origin = roll.choice(ORIGINS)
        due = workdays_after(opened, roll.choice((10, 15, 20)))
        made.append(
            {
                "_id": f"DB{day:%Y%m%d}{number:02d}", "title": f"{origin}事项：{roll.choice(MATTER_OF)}",
                "origin": origin, "department": department, "opened": opened,
                "reply_due": reply_due, "replied": finish(roll, opened, reply_due, slow), "due": due,
                "closed": finish(roll, opened + timedelta(days=3), due, slow - 0.02),
            }
        )  # fmt: skip
    return made


def _disclosures(day: date) -> list[Dated]:
    made = []
    for number in range(workload(day, 13) if working(day) else 1):
        roll = dice("disclosures", day, number)
        asked = roll.random() < 0.3
        opened = moment(roll, day, night=0.0).replace(microsecond=0)
        department = roll.choice([one for one in DEPARTMENTS if one != "mzt" or day.toordinal() % 3])
        due = workdays_after(opened, 20)
        on_time = {"jxt": 0.9, "sthjt": 0.95, "rst": 0.96}.get(department, 0.988)
        made.append(
            {
                "_id": f"GK{day:%Y%m%d}{number:02d}", "kind": "依申请" if asked else "主动公开",
                "department": department, "opened": opened,
                "due": due, "closed": finish(roll, opened, due, on_time),
                "channel": roll.choice(("网站", "信函", "当面")),
            }
        )  # fmt: skip
    return made


HOTLINE = System("hotline", _hotline, ("accepted", "assigned", "signed", "closed", "called_back"))
PERMITS = System("permits", _permits, ("accepted", "closed", "rated"))
DOCUMENTS = System("documents", _documents, ("entered", "received", "finished"))
MATTERS = System("matters", _matters, ("opened", "replied", "closed"))
DISCLOSURES = System("disclosures", _disclosures, ("opened", "closed"))
