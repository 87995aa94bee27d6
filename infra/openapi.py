"""The documentation of the HTTP API: one OpenAPI document, as JSON, as YAML, and to try out."""

from importlib.metadata import version

from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, SwaggerRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme


def documentation() -> OpenAPIConfig:
    """Return what the documents say of the whole API, and where they are served."""
    return OpenAPIConfig(
        title="PSA platform",
        version=version("psa-platform"),
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
