"""A sentence-transformers model that is small and random, and in all else like others."""

import json
import shutil
from pathlib import Path

from index.encoding.models import ENGLISH_MODEL, find_model

PLACES = 64
"""How many tokens it reads, its [CLS] and [SEP] among them."""
WORDS = [f"w{number}" for number in range(40)]
"""All that it knows."""


def save(folder: Path, pooling: str) -> Path:
    """The folder of one with prompts and a length limit of its own."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    torch.manual_seed(1)
    shutil.copytree(
        find_model(ENGLISH_MODEL), folder, ignore=shutil.ignore_patterns("*.safetensors", "*token*")
    )
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ask", "tell", ":", *WORDS]
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
    config = BertConfig(vocab_size=len(vocabulary), max_position_embeddings=PLACES, **sizes)
    BertModel(config).save_pretrained(folder)
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": PLACES}))
    pooled = {"embedding_dimension": 32, "pooling_mode": pooling}
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooled))
    prompts = {"prompts": {"query": "ask: ", "document": "tell: "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    return folder
