"""Promises that the database keeps and Django has no word for.

Both classes are ordinary constraints: declared in ``Meta.constraints``, created by
migrations, validated by ``full_clean``. What a validation misses under concurrency,
the database refuses.
"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils.translation import gettext as _


class FieldConstraint(models.BaseConstraint):
    """A constraint about one foreign key, written in SQL of its own."""

    def __init__(self, *, field: str, name: str) -> None:
        super().__init__(name=name)
        self.field = field

    def constraint_sql(
        self, model: type[models.Model] | None, editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        """Add nothing to CREATE TABLE: the referenced table may not exist yet."""
        assert model is not None
        assert editor is not None
        editor.deferred_sql.append(self.create_sql(model, editor))
        return ""

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field}

    def foreign_key(self, model: type[models.Model]) -> Any:
        """Return the foreign key that the constraint is about."""
        return model._meta.get_field(self.field)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, type(self)):
            return (self.name, self.field) == (other.name, other.field)
        return NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), self.name, self.field))


class SameOrganization(FieldConstraint):
    """The record that a foreign key names belongs to the same organization.

    A composite foreign key on ``(organization_id, <field>_id)``.
    """

    def create_sql(self, model: type[models.Model] | None, schema_editor: Any) -> str:
        assert model is not None
        quote = schema_editor.quote_name
        source = quote(model._meta.db_table)
        column = quote(self.foreign_key(model).column)
        related = self.foreign_key(model).related_model
        target = quote(related._meta.db_table)
        index = quote(f"{related._meta.db_table}_organization_key"[:60])
        return (
            f"CREATE UNIQUE INDEX IF NOT EXISTS {index} "
            f"ON {target} (organization_id, id); "
            f"ALTER TABLE {source} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY (organization_id, {column}) "
            f"REFERENCES {target} (organization_id, id) "
            "DEFERRABLE INITIALLY DEFERRED"
        )

    def remove_sql(self, model: type[models.Model] | None, schema_editor: Any) -> str:
        assert model is not None
        quote = schema_editor.quote_name
        return (
            f"ALTER TABLE {quote(model._meta.db_table)} "
            f"DROP CONSTRAINT IF EXISTS {quote(self.name)}"
        )

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Iterable[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        field = self.foreign_key(model)
        value = getattr(instance, field.attname)
        if value is None or self.field in set(exclude or ()):
            return
        organization_id = instance.organization_id  # type: ignore[attr-defined]
        if field.is_cached(instance):
            belongs = getattr(instance, self.field).organization_id == organization_id
        else:
            belongs = (
                field.related_model._base_manager.using(using)
                .filter(pk=value, organization_id=organization_id)
                .exists()
            )
        if not belongs:
            # The words for a missing record: another organization's is no different.
            message = _("Choose one that exists. This one was not found.")
            raise ValidationError({self.field: ValidationError(message, "not_found")})


class NoCycle(FieldConstraint):
    """Following a foreign key to the own table never leads back.

    Row triggers check an UPDATE of the key, a statement trigger checks INSERTs, many
    rows at once. An advisory lock an organization orders concurrent changes, so two
    halves of one circle cannot be written side by side.
    """

    def _names(self, model: type[models.Model], editor: Any) -> dict[str, str]:
        quote = editor.quote_name
        return {
            "table": quote(model._meta.db_table),
            "column": quote(self.foreign_key(model).column),
            "name": self.name,
            "on_update": quote(f"{self.name}_on_update"),
            "on_insert": quote(f"{self.name}_on_insert"),
        }

    def create_sql(self, model: type[models.Model] | None, schema_editor: Any) -> str:
        assert model is not None
        return _NO_CYCLE_SQL.format(**self._names(model, schema_editor))

    def remove_sql(self, model: type[models.Model] | None, schema_editor: Any) -> str:
        assert model is not None
        return (
            "DROP TRIGGER IF EXISTS {on_update} ON {table}; "
            "DROP TRIGGER IF EXISTS {on_insert} ON {table}; "
            "DROP FUNCTION IF EXISTS {on_update}(); "
            "DROP FUNCTION IF EXISTS {on_insert}()"
        ).format(**self._names(model, schema_editor))

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Iterable[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        field = self.foreign_key(model)
        above = getattr(instance, field.attname)
        if above is None or self.field in set(exclude or ()):
            return
        if above == instance.pk or instance.pk in self._chain(model, above, using):
            message = _(
                "This would make a circle: the chosen one already stands below."
            )
            raise ValidationError({self.field: ValidationError(message, "cycle")})

    def _chain(self, model: type[models.Model], start: Any, using: str) -> set[Any]:
        connection = connections[using]
        quote = connection.ops.quote_name
        table = quote(model._meta.db_table)
        column = quote(self.foreign_key(model).column)
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                WITH RECURSIVE chain(id) AS (
                    SELECT %s::uuid
                    UNION
                    SELECT above.{column} FROM chain
                    JOIN {table} AS above ON above.id = chain.id
                    WHERE above.{column} IS NOT NULL
                )
                SELECT id FROM chain
                """,  # noqa: S608 (names of our own tables, quoted)
                [start],
            )
            return {row[0] for row in cursor.fetchall()}


_NO_CYCLE_SQL = """
CREATE FUNCTION {on_update}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(
        hashtextextended('{name}' || NEW.organization_id::text, 0));
    IF EXISTS (
        WITH RECURSIVE chain(id) AS (
            SELECT NEW.{column}
            UNION
            SELECT above.{column} FROM chain JOIN {table} AS above
                ON above.id = chain.id
            WHERE above.{column} IS NOT NULL
        )
        SELECT 1 FROM chain WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'circle in {name}'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER {on_update} AFTER UPDATE OF {column} ON {table}
    FOR EACH ROW
    WHEN (NEW.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column})
    EXECUTE FUNCTION {on_update}();

CREATE FUNCTION {on_insert}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        WITH RECURSIVE chain(start, id) AS (
            SELECT added.id, added.{column} FROM added
            WHERE added.{column} IS NOT NULL
            UNION
            SELECT chain.start, above.{column} FROM chain JOIN {table} AS above
                ON above.id = chain.id
            WHERE above.{column} IS NOT NULL AND chain.id <> chain.start
        )
        SELECT 1 FROM chain WHERE id = start
    ) THEN
        RAISE EXCEPTION 'circle in {name}'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER {on_insert} AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT
    EXECUTE FUNCTION {on_insert}();
"""
