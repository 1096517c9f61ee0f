"""`python -m tests.load.bare`: what a command is measured against, one FastAPI route that inserts one row.

No token, no tenant, no fold, no trace; a body of the same kind is parsed, and the row is as large as an event.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import asyncpg
import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel, Field

TABLE = "create table bare (id bigint generated always as identity primary key, at timestamptz not null, raw bytea)"
RAW = b"x" * 600


class Unit(BaseModel):
    unit: str = Field(pattern="^[0-9]{6,12}$")
    kind: str
    name: str = Field(max_length=100)
    parent: str


class Units(BaseModel):
    occurred_on: date
    units: list[Unit]


@asynccontextmanager
async def _pool(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["BARE_DATABASE_URL"], min_size=6, max_size=6) as app.state.pool:
        yield


app = FastAPI(lifespan=_pool)


@app.post("/units")
async def units(cmd: Units, request: Request) -> dict[str, int]:
    id_ = await request.app.state.pool.fetchval("insert into bare (at, raw) values (now(), $1) returning id", RAW)
    return {"id": id_, "units": len(cmd.units)}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["BARE_PORT"]), log_level="warning", access_log=False)
