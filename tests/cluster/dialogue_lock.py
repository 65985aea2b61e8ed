"""Runs in the dialogue's environment: many turns of one conversation in several lock stores.

python dialogue_lock.py URL race   -> {"most": 1, "entered": 30}
python dialogue_lock.py URL lost   -> {"error": "LockError"}
"""

import asyncio
import json
import sys

from rasa.utils.endpoints import EndpointConfig

from rasa_components.redis_lock import RedisLockStore


async def race(url: str) -> dict[str, object]:
    stores = [RedisLockStore(EndpointConfig(url=url)) for _ in range(3)]
    inside = most = entered = 0

    async def work(store: RedisLockStore) -> None:
        nonlocal inside, most, entered
        for _ in range(5):
            async with store.lock("one"):
                inside, entered = inside + 1, entered + 1
                most = max(most, inside)
                await asyncio.sleep(0.002)
                inside -= 1

    await asyncio.gather(*(work(store) for store in stores for _ in range(2)))
    return {"most": most, "entered": entered}


async def lost(url: str) -> dict[str, object]:
    try:
        async with RedisLockStore(EndpointConfig(url=url)).lock("one"):
            return {"error": None}
    except Exception as error:
        return {"error": type(error).__name__}


if __name__ == "__main__":
    work = {"race": race, "lost": lost}[sys.argv[2]]
    print(json.dumps(asyncio.run(work(sys.argv[1]))))
