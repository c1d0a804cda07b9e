"""What every record shows of itself, in examples."""

ID = "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f"
BOOKKEEPING = {
    "id": ID,
    "version": 3,
    "created_at": "2026-01-05T08:00:00.000000Z",
    "updated_at": "2026-03-02T09:30:00.000000Z",
}
