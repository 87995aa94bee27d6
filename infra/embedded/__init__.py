"""The local stack of real servers from wheels, and OpenSearch."""

from infra.embedded.errors import EmbeddedError
from infra.embedded.process import Service
from infra.embedded.stack import Stack
from infra.embedded.urls import Urls

__all__ = ["EmbeddedError", "Service", "Stack", "Urls"]
