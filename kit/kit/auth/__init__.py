"""Who asks, and what they may do: actors from tokens, one policy table per service, and the cause of every change.

The development issuer is `kit.auth.issuer`, on its own: nothing here imports it.
"""

from contracts.values import Role
from kit.auth.access import Actor, Basis, Policy, Reach, Rule, Scope, Tree
from kit.auth.caller import Caller, Cause, LastWord, always
from kit.auth.tokens import Post, Unauthenticated, Verifier, bearer
from kit.auth.unit import acts_for

__all__ = [
    "Actor",
    "Basis",
    "Caller",
    "Cause",
    "LastWord",
    "Policy",
    "Post",
    "Reach",
    "Role",
    "Rule",
    "Scope",
    "Tree",
    "Unauthenticated",
    "Verifier",
    "acts_for",
    "always",
    "bearer",
]
