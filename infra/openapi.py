"""The documentation of the HTTP API: one OpenAPI document, as JSON, as YAML, and to try out."""

from importlib.metadata import version
from typing import Any

from litestar import Request
from litestar.exceptions import NotFoundException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, SwaggerRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, OpenAPI, SecurityScheme

from infra.openapi_components import part, share


class _Document(OpenAPI):
    """The document as it is served."""

    def to_schema(self) -> dict[str, Any]:
        """Return the document with everything in it said once."""
        document = super().to_schema()
        share(document)
        return document


class _Documentation(OpenAPIConfig):
    def to_openapi_schema(self) -> OpenAPI:
        return _Document(**vars(super().to_openapi_schema()))


class _PartRenderPlugin(JsonRenderPlugin):
    """Renders the part of the document that the path names by a tag."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        document = part(openapi_schema, request.path_params["tag"])
        if not document["paths"]:
            raise NotFoundException
        return super().render(request, document)


def documentation() -> OpenAPIConfig:
    """Return what the documents say of the whole API, and where they are served.

    `/docs/tickets/openapi.json` is the part of `/docs/openapi.json` under the tag `Tickets`.
    """
    return _Documentation(
        title="PSA platform",
        version=version("psa-platform"),
        use_handler_docstrings=True,
        description=(
            "Customers, tickets and all that follows from them. Every answer of a command names "
            "the record's version (`ETag`, to be sent as `If-Match`) and its place in the log "
            "(`X-Position`, to be sent as `X-Min-Position` with a query that must show it)."
        ),
        path="/docs",
        render_plugins=[
            SwaggerRenderPlugin(
                # Served from the installation: the docs work without the internet.
                js_url="/docs/assets/swagger-ui-bundle.js",
                css_url="/docs/assets/swagger-ui.css",
                standalone_preset_js_url="/docs/assets/swagger-ui-standalone-preset.js",
                path="/",
            ),
            JsonRenderPlugin(path="/openapi.json"),
            _PartRenderPlugin(path="/{tag:str}/openapi.json"),
            YamlRenderPlugin(path="/openapi.yaml"),
        ],
        components=Components(
            security_schemes={
                "token": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    bearer_format="JWT",
                    description="`psa token --role technician` issues one.",
                )
            }
        ),
        security=[{"token": []}],
    )
