"""The documentation of the HTTP API: one OpenAPI document, as JSON, as YAML, and to try out."""

from importlib.metadata import version
from typing import Annotated, Any, get_args, get_origin

import msgspec
from litestar import Request
from litestar._openapi.schema_generation import SchemaCreator  # named by the plugins' signature
from litestar.exceptions import NotFoundException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, SwaggerRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, OpenAPI, Reference, Schema, SecurityScheme
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from msgspec import Meta
from msgspec.structs import FieldInfo

from infra.openapi_components import part, share


class FieldDetails(OpenAPISchemaPlugin):
    """Says what is a field's own beside the type that the field shares with others.

    Litestar says it of the type itself, and thereby wherever the type stands: of all that fields
    have to say of it, whatever comes first.
    """

    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        """Tell whether this is a struct."""
        return not field_definition.is_union and field_definition.is_subclass_of(msgspec.Struct)

    def to_openapi_schema(
        self, field_definition: FieldDefinition, schema_creator: SchemaCreator
    ) -> Schema:
        """Return what Litestar says of a struct, with what is its fields' own."""
        usual = (plugin for plugin in schema_creator.plugins if plugin is not self)
        describes = next(
            p for p in usual if schema_creator.plugin_supports_field(p, field_definition)
        )
        schema = describes.to_openapi_schema(field_definition, schema_creator)
        properties = schema.properties or {}
        for field in msgspec.structs.fields(field_definition.annotation):
            shown = properties[field.encode_name]
            if isinstance(shown, Reference) and (own := _own(field)):
                properties[field.encode_name] = Schema(all_of=[shown], **own)
        return schema


def _own(field: FieldInfo) -> dict[str, Any]:
    """Return the default, the description and the examples of a field, as far as it has any."""
    own: dict[str, Any] = {}
    for said in get_args(field.type)[1:] if get_origin(field.type) is Annotated else ():
        if isinstance(said, Meta):
            told = {"description": said.description, "examples": said.examples}
            # What a type says of itself stands first; what a field does not say leaves that.
            own |= {name: value for name, value in told.items() if value is not None}
    if field.default is not msgspec.NODEFAULT:
        own["default"] = msgspec.to_builtins(field.default)
    return {name: value for name, value in own.items() if value is not None}


class _Document(OpenAPI):
    """The document as it is served."""

    def to_schema(self) -> dict[str, Any]:
        """Return the document with everything in it said once, and where it belongs."""
        document = super().to_schema()
        for schema in document["components"]["schemas"].values():
            for said in ("default", "description", "examples"):
                schema.pop(said, None)  # that of a field somewhere: see `FieldDetails`
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
