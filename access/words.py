"""The sentences of the login page and of refusals, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request

WORDS: Mapping[str, Mapping[str, str]] = {
    "product": {"zh": "云察", "en": "Yuncha"},
    "sign_in": {"zh": "登录", "en": "Sign in"},
    "lead": {"zh": "政务运行监测", "en": "How the departments' work is going"},
    "name": {"zh": "账号", "en": "Account"},
    "password": {"zh": "密码", "en": "Password"},
    "again": {"zh": "再输入一次", "en": "Once more"},
    "refused": {
        "zh": "账号或密码不对。连续多次失败后需要等待，最长 15 分钟。",
        "en": "Account or password is wrong. After several failures you have to wait, up to 15 minutes.",
    },
    "forgotten": {
        "zh": "忘记密码：请管理员给一个新的一次性链接。",
        "en": "Forgotten: ask an administrator for a new one-time link.",
    },
    "welcome": {"zh": "设置密码", "en": "Set your password"},
    "welcome_lead": {
        "zh": "账号 {name}。密码至少 10 个字符，含大写、小写、数字、符号中的三类；或者不少于 16 个字符。",
        "en": "Account {name}. At least 10 characters with three of capitals, small letters, digits, symbols; or 16 characters.",
    },
    "save": {"zh": "保存并登录", "en": "Save and go to sign in"},
    "differ": {"zh": "两次输入的密码不同。", "en": "The two passwords differ."},
    "dead_link": {
        "zh": "链接无效、已用过或已过期。请管理员给一个新的一次性链接。",
        "en": "The link is unknown, used or too old. Ask an administrator for a new one-time link.",
    },
    "saved": {"zh": "密码已保存，请登录。", "en": "The password is saved. Please sign in."},
    "account": {"zh": "账号", "en": "Account"},
    "role": {"zh": "角色", "en": "Role"},
    "scope": {"zh": "范围", "en": "Scope"},
    "everything": {"zh": "全部部门和地区", "en": "All departments and regions"},
    "viewer": {"zh": "查看", "en": "Viewer"},
    "staff": {"zh": "经办", "en": "Staff"},
    "supervisor": {"zh": "督查", "en": "Supervisor"},
    "administrator": {"zh": "管理员", "en": "Administrator"},
    "sign_out": {"zh": "退出登录", "en": "Sign out"},
    "change_password": {"zh": "修改密码", "en": "Change the password"},
    "old_password": {"zh": "现在的密码", "en": "Present password"},
    "new_password": {"zh": "新密码", "en": "New password"},
    "old_wrong": {
        "zh": "现在的密码不对。连续多次失败后需要等待，最长 15 分钟。",
        "en": "The present password is wrong. After several failures you have to wait, up to 15 minutes.",
    },
    "out": {"zh": "您已退出。", "en": "You have signed out."},
    "to_start": {"zh": "回到总览", "en": "Back to the overview"},
    "401": {"zh": "请先登录。", "en": "Please sign in first."},
    "403": {
        "zh": "您的角色没有这项权限。如有需要，请联系管理员。",
        "en": "Your role may not do this. Ask an administrator if you need it.",
    },
    "404": {"zh": "没有这个页面。", "en": "There is no such page."},
    "413": {"zh": "发送的内容太大。", "en": "What was sent is too large."},
    "400": {"zh": "请求不完整或格式不对。", "en": "The request is incomplete or malformed."},
    "405": {"zh": "此地址不支持这种请求。", "en": "This address does not take this kind of request."},
    "415": {"zh": "请求的内容类型不对。", "en": "The request has the wrong content type."},
    "500": {"zh": "系统出错，已记入日志。请稍后再试。", "en": "Something went wrong and was logged. Please try again later."},
    "503": {"zh": "系统正忙，请稍后再试。", "en": "The system is busy. Please try again later."},
}


def language() -> str:
    """`lang` of the address or of the cookie the pages set, else what the browser prefers; zh where nothing speaks for en."""
    asked = (request.args.get("lang") or request.cookies.get("lang") or "").lower()
    if asked[:2] in ("zh", "en"):
        return asked[:2]
    return request.accept_languages.best_match(("zh", "zh-CN", "en"), default="zh")[:2]


def say(key: str, lang: str, **values: str) -> str:
    text = WORDS[key][lang]
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def refusal(status: int, lang: str) -> str:
    return say(str(status), lang) if str(status) in WORDS else say("400" if status < 500 else "500", lang)
