"""Who may see and do what: accounts, sessions, tokens, policies, the guard and the audit."""

from access.audit import record
from access.policies import may, policy, require
from access.principals import NOBODY, current, saw_whole

__all__ = ["NOBODY", "current", "may", "policy", "record", "require", "saw_whole"]
