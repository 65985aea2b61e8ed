"""What the dialogue leaves out of the calls of custom actions is what no handler looks at."""

import ast
from pathlib import Path

from bot.settings import PROJECT_ROOT


def test_no_handler_looks_at_the_domain() -> None:
    given = 0
    for path in sorted(Path(PROJECT_ROOT / "actions").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        given += sum(isinstance(n, ast.arg) and n.arg == "domain" for n in ast.walk(tree))
        looked_at = [
            n.lineno for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "domain"
        ]
        # rasa-sdk's own validation of forms reads it.
        bases = {
            ast.unparse(b) for n in ast.walk(tree) if isinstance(n, ast.ClassDef) for b in n.bases
        }
        assert not looked_at, f"{path}:{looked_at}"
        assert not any("Validation" in base for base in bases), path
    assert given > 5
