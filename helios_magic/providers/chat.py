"""Any service with OpenAI's chat endpoint: `POST {base URL}/chat/completions`, asked for JSON of a given form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from helios_magic.providers.asking import NoAnswerError, asking
from helios_magic.settings import Secret, resolve

_LARGEST = 4_000_000
"""Bytes of the largest answer that is read."""


class ChatFailedError(Exception):
    """The provider gave no answer that could be read: why, in words that a user may see."""


class Chat:
    """A base URL such as `https://api.openai.com/v1`, a model there, and the key.  Thread-safe."""

    def __init__(self, url: str, model: str, key: Secret | None = None, *, patience: float = 60.0) -> None:
        self._url, self._key, self._patience = url, key, patience
        self.model = model

    @classmethod
    def of_settings(cls) -> Chat | None:
        """The provider of the settings; None without a base URL and a model."""
        url, model = resolve("chat_url"), resolve("chat_model")
        if not url or not model:
            return None
        return cls(url, model, resolve("chat_key"), patience=resolve("chat_timeout"))

    def __repr__(self) -> str:
        return f"<Chat {self.model} at {self._url}>"

    def complete(self, messages: Sequence[dict[str, str]], schema: dict[str, Any]) -> str:
        """The text that the model answers, asked for JSON that fits `schema`.  Raises ChatFailedError.

        A provider that does not know structured output (400, 404 or 422 to `response_format`) is asked without it.
        """
        body: dict[str, Any] = {"model": self.model, "messages": list(messages), "temperature": 0}
        form = {"type": "json_schema", "json_schema": {"name": "design", "strict": True, "schema": schema}}
        try:
            with asking(self._url, "chat/completions", self._key, patience=self._patience, largest=_LARGEST) as ask:
                try:
                    read = ask({**body, "response_format": form})
                except NoAnswerError as refused:
                    if refused.status not in (400, 404, 422):
                        raise
                    read = ask(body)
        except NoAnswerError as error:
            look = f"; check the setting chat_{error.setting}" if error.setting else ""
            raise self._failed(error.what + look) from None
        return self._content(read)

    def _content(self, read: bytes) -> str:
        try:
            choice = msgspec.json.decode(read)["choices"][0]
            message = choice["message"]
            refusal, content = message.get("refusal"), message.get("content")
        except (msgspec.DecodeError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            raise self._failed("answered something that is no chat completion") from None
        if refusal or choice.get("finish_reason") == "content_filter":
            raise self._failed("refused to answer")
        if choice.get("finish_reason") == "length":
            raise self._failed("stopped before its answer was whole")
        if not isinstance(content, str) or not content.strip():
            raise self._failed("answered nothing")
        return content

    def _failed(self, what: str) -> ChatFailedError:
        return ChatFailedError(f"the model {self.model} {what}")
