"""What every route takes: who asks, and the store."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from kit.auth import Caller
from kit.service import caller, reader, store
from kit.store import Store

Sender = Annotated[Caller, Depends(caller)]
Asker = Annotated[Caller, Depends(reader)]
Events = Annotated[Store, Depends(store)]
