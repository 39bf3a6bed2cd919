"""Every target is read by its own tools: what is generated must compile, names, types and all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.codegen.conftest import Types

pytestmark = pytest.mark.toolchain

CRATES = Path(__file__).parent / "crates"


def run(*command: str, at: Path) -> str:
    done = subprocess.run(command, cwd=at, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with TypeScript and Prisma's own parser, installed by npm."""
    npm, at = tool("npm"), tmp_path_factory.mktemp("node")
    (at / "package.json").write_text('{"private": true}')
    packages = ["typescript", "@prisma/prisma-schema-wasm"]
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", *packages], cwd=at, capture_output=True, text=True, timeout=300
    )
    if done.returncode != 0:
        pytest.skip(f"npm cannot install {', '.join(packages)}: {done.stderr.strip().splitlines()[-1:]}")
    return at


@pytest.mark.parametrize("style", ["interfaces", "supabase"])
def test_typescript(types: Types, style: str, node_modules: Path, tmp_path: Path) -> None:
    (tmp_path / "types.ts").write_text(types("typescript", style))
    tsc = str(node_modules / "node_modules" / ".bin" / "tsc")
    run(tsc, "--strict", "--noEmit", "--target", "es2022", "--lib", "es2022", "types.ts", at=tmp_path)


@pytest.mark.parametrize("style", ["dataclasses", "pydantic", "sqlalchemy"])
def test_python(types: Types, style: str, tmp_path: Path) -> None:
    source = types("python", style)
    if style == "sqlalchemy":
        source += "\nfrom sqlalchemy.orm import configure_mappers\n\nconfigure_mappers()\n"
    (tmp_path / "made.py").write_text(source)
    run(sys.executable, "-W", "error", "-c", "import made", at=tmp_path)
    run(sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, "made.py", at=tmp_path)


def test_go(types: Types, tmp_path: Path) -> None:
    go = tool("go")
    (tmp_path / "go.mod").write_text("module models\n\ngo 1.19\n")
    (tmp_path / "models.go").write_text(types("go"))
    run(go, "vet", "./...", at=tmp_path)


def test_rust(types: Types, tmp_path: Path) -> None:
    """Against stand-ins for the crates, which declare what is used of them: no registry is asked."""
    rustc = tool("rustc")
    (tmp_path / "types.rs").write_text("#![allow(dead_code, non_snake_case)]\n" + types("rust"))
    built: list[str] = []
    for crate in ("serde_derive", "serde", "serde_json", "uuid", "chrono", "rust_decimal"):
        kind = "proc-macro" if crate == "serde_derive" else "lib"
        externs = [f"--extern={each}" for each in built]
        run(rustc, "--edition", "2021", "--crate-type", kind, "-L", ".", *externs, f"{CRATES}/{crate}.rs", at=tmp_path)
        built.append(crate)
    externs = [f"--extern={each}" for each in built]
    run(rustc, "--edition", "2021", "--crate-type", "lib", "-L", ".", *externs, "types.rs", at=tmp_path)


def test_java(types: Types, tmp_path: Path) -> None:
    (tmp_path / "Models.java").write_text(types("java"))
    run(tool("javac"), "-encoding", "UTF-8", "-Xlint:all", "-Werror", "Models.java", at=tmp_path)


def test_kotlin(types: Types, tmp_path: Path) -> None:
    kotlinc = tool("kotlinc")
    (tmp_path / "Models.kt").write_text(types("kotlin"))
    run(kotlinc, "-nowarn", "-d", "out", "Models.kt", at=tmp_path)


def test_swift(types: Types, tmp_path: Path) -> None:
    (tmp_path / "Models.swift").write_text(types("swift"))
    run(tool("swiftc"), "-typecheck", "Models.swift", at=tmp_path)


def test_csharp(types: Types, tmp_path: Path) -> None:
    dotnet = tool("dotnet")
    (tmp_path / "models.csproj").write_text(
        '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net8.0</TargetFramework>'
        "<Nullable>enable</Nullable></PropertyGroup></Project>"
    )
    (tmp_path / "Models.cs").write_text(types("csharp"))
    run(dotnet, "build", "-warnaserror", at=tmp_path)


def test_prisma(types: Types, node_modules: Path, tmp_path: Path) -> None:
    (tmp_path / "schema.prisma").write_text(types("prisma"))
    script = f"""
      const prisma = require({json.dumps(str(node_modules / "node_modules/@prisma/prisma-schema-wasm"))});
      const text = require('fs').readFileSync('schema.prisma', 'utf8');
      prisma.validate(JSON.stringify({{prismaSchema: [['schema.prisma', text]], noColor: true}}));
    """
    run(tool("node"), "-e", script, at=tmp_path)
