"""load tests"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "load_tests",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("deployment_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"],
            ["deployments.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("load_tests", schema=None) as batch_op:
        batch_op.create_index("load_tests_deployment", ["deployment_id"], unique=False)
        batch_op.create_index("load_tests_state", ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("load_tests", schema=None) as batch_op:
        batch_op.drop_index("load_tests_state")
        batch_op.drop_index("load_tests_deployment")

    op.drop_table("load_tests")
