"""Any service with OpenAI's chat endpoint: `POST {base URL}/chat/completions`, asked for JSON of a given form.

Messages go there and nowhere else; the key is in no message, no error and no representation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from helios_magic.settings import Secret, resolve

_CONNECT = 10.0
_LARGEST = 4_000_000
"""Bytes of the largest answer that is read."""


class ChatFailedError(Exception):
    """The provider gave no answer that could be read: why, in words that a user may see."""


class Chat:
    """A base URL such as `https://api.openai.com/v1`, a model there, and the key.  Thread-safe."""

    def __init__(self, url: str, model: str, key: Secret | None = None, *, patience: float = 60.0) -> None:
        self._url = url.rstrip("/")
        self.model = model
        self._key = key
        self._patience = httpx.Timeout(patience, connect=min(_CONNECT, patience))

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
        headers = {} if self._key is None else {"Authorization": f"Bearer {self._key.reveal()}"}
        with httpx.Client(timeout=self._patience, headers=headers) as client:
            answer, read = self._post(client, {**body, "response_format": form})
            if answer.status_code in (400, 404, 422):
                answer, read = self._post(client, body)
        if answer.status_code in (401, 403):
            raise ChatFailedError(f"{self._name} refused the key ({answer.status_code}); check the setting chat_key")
        if answer.status_code != 200:
            raise ChatFailedError(f"{self._name} answered {answer.status_code}")
        return self._said(read)

    def _post(self, client: httpx.Client, body: dict[str, Any]) -> tuple[httpx.Response, bytes]:
        try:
            with client.stream("POST", f"{self._url}/chat/completions", json=body) as answer:
                read = b""
                for part in answer.iter_bytes():
                    read += part
                    if len(read) > _LARGEST:
                        raise ChatFailedError(f"{self._name} answered more than {_LARGEST // 1_000_000} MB")
                return answer, read
        except httpx.TimeoutException:
            raise ChatFailedError(f"{self._name} did not answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ChatFailedError(
                f"{self._name} cannot be reached ({type(error).__name__}); check the setting chat_url"
            ) from None

    def _said(self, read: bytes) -> str:
        import msgspec

        try:
            choice = msgspec.json.decode(read)["choices"][0]
            message = choice["message"]
            refusal, content = message.get("refusal"), message.get("content")
        except (msgspec.DecodeError, KeyError, IndexError, TypeError, AttributeError):
            raise ChatFailedError(f"{self._name} answered something that is no chat completion") from None
        if refusal or choice.get("finish_reason") == "content_filter":
            raise ChatFailedError(f"{self._name} refused to answer")
        if choice.get("finish_reason") == "length":
            raise ChatFailedError(f"{self._name} stopped before its answer was whole")
        if not isinstance(content, str) or not content.strip():
            raise ChatFailedError(f"{self._name} answered nothing")
        return content

    @property
    def _name(self) -> str:
        return f"the model {self.model}"
