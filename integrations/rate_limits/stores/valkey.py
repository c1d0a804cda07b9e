"""Counts in Valkey (or Redis, from version 5), for all processes alike."""

import hashlib
import itertools
import os
import secrets
import struct
from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from integrations.rate_limits.stores.link import (
    Dialer,
    Link,
    LinkLost,
    StoreRefused,
    StoreUnreachable,
    pack,
)
from integrations.rate_limits.terms import Layer, LayerState, Policy, Stamp, Verdict

#: One hash tag, so that a cluster keeps all that one script touches on one node.
PREFIX = b"{people-hr-limits}:"
EPOCH = PREFIX + b"epoch"
RULES = PREFIX + b"rules"
#: How long after a stamp was dropped nobody may put one: longer than any snapshot of
#: the row lives (1 s), so that none from before is put back.
BLOCK_MS = 2000


class Script:
    """A Lua script, as the store knows it by its digest."""

    def __init__(self, name: str) -> None:
        self.source = (Path(__file__).parent / f"{name}.lua").read_bytes()
        digest = hashlib.sha1(self.source, usedforsecurity=False)
        self.digest = digest.hexdigest().encode()


#: A layer's terms as ``take.lua`` reads them, and its state as it tells it.
TERMS = struct.Struct(">cIII?")
STATE = struct.Struct(">IQQ")
TAKE, PUT_STAMP, DROP_STAMP = Script("take"), Script("put_stamp"), Script("drop_stamp")


class ValkeyStore:
    """Decides by one script, in one round trip, by the store's clock.

    ``clock`` (in ms) is for simulations alone.
    """

    def __init__(
        self,
        url: str,
        timeout_seconds: float,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self._dialer = Dialer(url, timeout_seconds)
        self._clock = clock
        self._forget_links()
        # A child of a fork must not speak on its parent's connections.
        os.register_at_fork(after_in_child=self._forget_links)

    def _forget_links(self) -> None:
        self._idle: deque[Link] = deque()
        self._nonce = secrets.token_hex(8)
        self._numbers = itertools.count()

    def take(
        self,
        layers: Sequence[Layer],
        *,
        stamp: Stamp | None = None,
        counts: bool = True,
    ) -> Verdict:
        """Decide in all layers at once; with ``counts=False``, look only.

        Raises:
            StoreUnreachable: when the store does not answer in time.
        """
        keys = [EPOCH, RULES, _stamp_key(stamp.name) if stamp else EPOCH]
        arguments = [
            b"%d" % self._clock() if self._clock else b"",
            self._unused_text(),
            stamp.value.encode() if stamp else b"",
            b"1" if counts else b"0",
        ]
        for layer in layers:
            keys.append(_key_of(layer))
            arguments.append(_terms_of(layer.policy, layer.is_counted))
        return _verdict(layers, self._run(TAKE, keys, arguments))

    def put_stamp(self, stamp: Stamp, epoch: str) -> bool:
        """Store a stamp, if the epoch is still that one and no block stands.

        Raises:
            StoreUnreachable: when the store does not answer in time.
        """
        keys = [EPOCH, _stamp_key(stamp.name), _block_key(stamp.name)]
        answer = self._run(PUT_STAMP, keys, [epoch.encode(), stamp.value.encode()])
        return answer == b"1"

    def drop_stamp(self, name: str) -> bool:
        """Delete a stamp and refuse new ones for two seconds.

        Raises:
            StoreUnreachable: when the store does not answer in time.
        """
        keys = [_stamp_key(name), _block_key(name)]
        return self._run(DROP_STAMP, keys, [b"%d" % BLOCK_MS]) == b"1"

    def announce_rules(self) -> None:
        """Let everybody know that the rules have changed.

        Raises:
            StoreUnreachable: when the store does not answer in time.
        """
        self._plain(pack([b"SET", RULES, self._unused_text()]))

    def probe(self) -> None:
        """Ask for an answer on a new connection, and keep it.

        Raises:
            StoreUnreachable: when there is none in time.
        """
        link = self._dialer.dial()
        try:
            self._ask(link, pack([b"PING"]))
        except StoreRefused as error:  # LOADING, for one
            raise StoreUnreachable(str(error)) from error

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            self._idle.pop().close()

    def _unused_text(self) -> bytes:
        return f"{self._nonce}{next(self._numbers)}".encode()

    def _run(
        self, script: Script, keys: Sequence[bytes], arguments: Sequence[bytes]
    ) -> bytes:
        command = pack(
            [b"EVALSHA", script.digest, b"%d" % len(keys), *keys, *arguments]
        )
        try:
            return self._command(command)
        except StoreRefused as error:
            if not str(error).startswith("NOSCRIPT"):
                raise StoreUnreachable(str(error)) from error
        self._plain(pack([b"SCRIPT", b"LOAD", script.source]))
        return self._plain(command)

    def _plain(self, command: bytes) -> bytes:
        try:
            return self._command(command)
        except StoreRefused as error:  # out of memory, read only, no permission
            raise StoreUnreachable(str(error)) from error

    def _command(self, command: bytes) -> bytes:
        try:
            link = self._idle.pop()
        except IndexError:
            return self._ask(self._dialer.dial(), command)
        try:
            return self._ask(link, command)
        except LinkLost:
            # Idle connections die with a restart; their like are no better.
            self.close()
            return self._ask(self._dialer.dial(), command)

    def _ask(self, link: Link, command: bytes) -> bytes:
        answer = link.ask(command)
        self._idle.append(link)
        return answer


def _stamp_key(name: str) -> bytes:
    return PREFIX + b"stamp:" + name.encode()


def _block_key(name: str) -> bytes:
    return PREFIX + b"block:" + name.encode()


def _key_of(layer: Layer) -> bytes:
    return _key_head(layer.policy) + layer.subject.encode()


@lru_cache(maxsize=10_000)
def _key_head(policy: Policy) -> bytes:
    """A changed quota goes on with the same count; a changed window begins anew."""
    kind, window = policy.algorithm.value, policy.window_seconds
    return PREFIX + f"{policy.name}:{kind}{window}:".encode()


@lru_cache(maxsize=10_000)
def _terms_of(policy: Policy, is_counted: bool) -> bytes:
    return TERMS.pack(
        policy.algorithm.value.encode(),
        policy.quota,
        policy.window_seconds * 1000,
        policy.at_once,
        is_counted,
    )


def _verdict(layers: Sequence[Layer], answer: bytes) -> Verdict:
    """Read what ``take.lua`` returns."""
    end = STATE.size * len(layers)
    is_allowed, is_stamp_good = answer[end], answer[end + 1]
    known = answer[end + 2 :].decode()
    states, violated, longest = [], [], 0
    for layer, state in zip(layers, STATE.iter_unpack(answer[:end]), strict=True):
        left, reset_ms, wait_ms = state
        states.append(LayerState(layer.policy, left, -(-reset_ms // 1000), wait_ms))
        if wait_ms and not is_allowed:
            violated.append(layer.policy.name)
            longest = max(longest, wait_ms)
    return Verdict(
        is_allowed=bool(is_allowed),
        states=tuple(states),
        violated=tuple(violated),
        retry_after_seconds=-(-longest // 1000),
        is_stamp_good=bool(is_stamp_good),
        epoch=known.partition("\n")[0],
        rules=known,
    )
