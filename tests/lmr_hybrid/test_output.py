"""The three formats: nothing of a message gets lost, out of place or alive."""

from __future__ import annotations

import io
import json
import os
import re
import resource
import xml.etree.ElementTree as ElementTree
from base64 import b64encode
from dataclasses import asdict
from hashlib import sha256
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gazetteer.sphere import distance_km
from lmr_hybrid import output
from lmr_hybrid.errors import LmrError, OutputError
from lmr_hybrid.mention import Candidate, Mention, Recognition
from lmr_hybrid.output import (
    read_json_lines,
    table_lines,
    to_arrow,
    to_geojson,
    to_html,
    write_geojson,
    write_html,
    write_json_lines,
)
from lmr_hybrid.output.atomic import check_writable
from lmr_hybrid.output.build_outline import unwrapped
from lmr_hybrid.output.groups import GROUPS, group_of
from lmr_hybrid.output.land import land_path, rings
from lmr_hybrid.output.panels import MAX_BACKDROP, MAX_INSETS, Pin, clusters, draw_panels, inset_window
from lmr_hybrid.output.plain_text import plain, visible, without_surrogates
from lmr_hybrid.output.window import Window, graticule, scale_bar

MONACO, HOUSTON, FREEPORT = (7.4246, 43.7384), (-95.3633, 29.7633), (-78.7, 26.5333)
HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }} {% raw %} &amp; & <!-- ]]> \u2028",
    "\u202eevil\u2066 \u200f",
    "</title></style></textarea><style>*{display:none}</style><svg onload=alert(1)><![CDATA[",
    "javascript:alert(1)&#x3c;script&#x3e; %3Cscript%3E \u2029 \ufeff",
]


def candidate(position: tuple[float, float] = MONACO, *, name: str = "Monaco", **changes: object) -> Candidate:
    facts = {"id": "osm:node/1", "kind": "city", "country": "MC", "admin1": "", "score": 0.9, "reason": "only one"}
    return Candidate(name=name, longitude=position[0], latitude=position[1], **{**facts, **changes})


def recognition(
    before: str, *mentioned: tuple[str, tuple[float, float] | None], kind: str = "City/town"
) -> Recognition:
    """Put the mentions behind `before`, with a word between them."""
    text, mentions = before, []
    for name, position in mentioned:
        start = len(text)
        text += name
        found = (candidate(position, name=name),) if position else ()
        mentions.append(Mention(name, start, len(text), kind, 0.87, ("neural", "fuzzy"), ("a_rule",), found))
        text += " and "
    return Recognition(text, tuple(mentions))


RECOGNITIONS = [
    recognition("Rain in ", ("Monaco", MONACO), ("Old Mill", None)),
    recognition("Praying for #", ("Houston", HOUSTON), ("Freeport", FREEPORT)),
    recognition("Nothing here"),
]


class Page(HTMLParser):
    """What a browser would see: marked texts, message texts, attributes, elements."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.marks: list[str] = []
        self.messages: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.elements: list[str] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "mark":
            self.marks.append("")
        if tag == "li" and "ol" in self._open:
            self.messages.append("")
        if tag not in ("meta", "path", "rect"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "script" not in self._open:
            self.texts.append(data)
        if "mark" in self._open:
            self.marks[-1] += data
        if "ol" in self._open and "li" in self._open and "small" not in self._open:
            self.messages[-1] += data


def svgs(page: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(svg) for svg in re.findall(r"<svg\b.*?</svg>", page, flags=re.DOTALL)]


# --- the public face


def test_the_package_exports_these_names_and_no_others():
    assert sorted(output.__all__) == [
        "mention_schema",
        "read_json_lines",
        "table_lines",
        "to_arrow",
        "to_geojson",
        "to_html",
        "write_geojson",
        "write_html",
        "write_json_lines",
    ]
    assert issubclass(OutputError, LmrError)


# --- JSON Lines

any_text = st.text(alphabet=st.characters(exclude_categories=[]), max_size=40)
proper_text = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)


@st.composite
def made_up(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> Recognition:
    text = draw(texts)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    scores = st.floats(0, 1)
    places = st.builds(
        Candidate,
        *([texts] * 3),
        st.floats(-90, 90),
        st.floats(-180, 180),
        *([texts] * 2),
        scores,
        texts,
    )
    mentions = tuple(
        Mention(
            text[start:end],
            start,
            end,
            draw(texts),
            draw(scores),
            tuple(draw(st.lists(texts, max_size=2))),
            tuple(draw(st.lists(texts, max_size=2))),
            tuple(draw(st.lists(places, max_size=2))),
        )
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    )
    return Recognition(text, mentions)


def through_utf8(recognitions: list[Recognition]) -> list[Recognition]:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
    assert write_json_lines(recognitions, stream) == len(recognitions)
    stream.seek(0)
    return list(read_json_lines(stream))


@given(st.lists(made_up(proper_text), max_size=3))
def test_json_lines_come_back_as_they_were(recognitions: list[Recognition]):
    assert through_utf8(recognitions) == recognitions


@given(st.text(alphabet=st.one_of(st.characters(categories=["Cs"]), st.sampled_from('a🌊\n"\\'))))
def test_json_lines_replace_surrogates_one_for_one(text: str):
    (back,) = through_utf8([Recognition(text, (Mention(text[1:], 1, max(1, len(text)), "Other", 0.5),))])
    assert back.text == "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    assert back.mentions[0].text == back.text[1:]


def test_json_lines_are_readable_and_one_a_line():
    stream = io.StringIO()
    write_json_lines([Recognition("Überflutung\nin 🌊\u2028"), Recognition("")], stream)
    first, second, rest = stream.getvalue().split("\n")
    assert "Überflutung\\nin 🌊" in first
    assert (json.loads(second), rest) == ({"text": "", "mentions": []}, "")


@given(made_up(any_text))
def test_a_line_is_one_line_for_every_reader_and_moves_no_terminal(made: Recognition):
    stream = io.StringIO()
    write_json_lines([made], stream)
    (line,) = stream.getvalue().splitlines()
    assert not re.search("[\x00-\x1f\x7f-\x9f]", line)
    assert Recognition.from_dict(json.loads(line)).text == without_surrogates(made.text)


def test_json_lines_take_recognitions_as_they_arrive():
    stream = io.StringIO()

    def arriving():
        yield RECOGNITIONS[0]
        assert stream.getvalue().count("\n") == 1
        yield RECOGNITIONS[1]

    assert write_json_lines(arriving(), stream) == 2


def test_json_lines_refuse_what_is_not_json():
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json_lines([Recognition("x", (Mention("x", 0, 1, "Other", float("nan")),))], io.StringIO())


@pytest.mark.parametrize("line", ["{", "[]", "3", '{"text": "x"}', '{"text": "x", "mentions": [{"start": 1}]}'])
def test_json_lines_name_the_line_that_cannot_be_read(line: str):
    reading = read_json_lines(['{"text": "", "mentions": []}\n', "\n", line])
    assert next(reading) == Recognition("")
    with pytest.raises(OutputError, match="line 3"):
        next(reading)


# --- GeoJSON


def test_geojson_has_one_feature_a_mention():
    collection = to_geojson(RECOGNITIONS, attribution="© contributors")
    assert (collection["type"], collection["attribution"]) == ("FeatureCollection", "© contributors")
    features = collection["features"]
    assert {feature["type"] for feature in features} == {"Feature"}
    assert [feature["geometry"] for feature in features] == [
        {"type": "Point", "coordinates": list(MONACO)},
        None,
        {"type": "Point", "coordinates": list(HOUSTON)},
        {"type": "Point", "coordinates": list(FREEPORT)},
    ]
    for feature in features:
        facts = feature["properties"]
        assert facts["message"] == RECOGNITIONS[facts["message_index"]].text
        assert facts["message"][facts["start"] : facts["end"]] == facts["mention"]
    assert features[0]["properties"]["candidates"][0]["latitude"] == MONACO[1]
    assert features[1]["properties"]["place_id"] is None


def test_geojson_without_mentions_is_an_empty_collection():
    assert to_geojson([Recognition("x")]) == {"type": "FeatureCollection", "features": []}


@pytest.mark.parametrize("position", [(float("nan"), 0.0), (0.0, float("inf")), (181.0, 0.0), (0.0, -90.5)])
def test_geojson_has_no_geometry_off_the_globe(position: tuple[float, float]):
    (feature,) = to_geojson([recognition("", ("Nowhere", position))])["features"]
    assert feature["geometry"] is None
    json.dumps(feature, allow_nan=False)


def check_feature(feature: dict[str, object]) -> None:
    """RFC 7946, sections 3.1.1, 3.1.2, 3.2 and 7.1."""
    assert feature.keys() == {"type", "geometry", "properties"}
    assert feature["type"] == "Feature"
    assert isinstance(feature["properties"], dict)
    geometry = feature["geometry"]
    if geometry is None:
        return
    assert geometry.keys() == {"type", "coordinates"}
    point = shapely.from_geojson(json.dumps(geometry))
    assert (point.geom_type, point.has_z) == ("Point", False)
    assert -180 <= point.x <= 180
    assert -90 <= point.y <= 90


anything = st.floats(allow_nan=True)
lost = st.builds(Candidate, *([any_text] * 3), anything, anything, *([any_text] * 2), anything, any_text)


@given(st.lists(made_up(any_text), max_size=3), any_text, st.lists(lost, max_size=2))
def test_geojson_is_valid_whatever_it_is_made_of(made: list[Recognition], attribution: str, places: list[Candidate]):
    made = [*made, Recognition("x", (Mention("x", 0, 1, "\udc00", 0.5, ("\udc00",), ("\udc00",), tuple(places)),))]
    collection = to_geojson(made, attribution=attribution)
    # A foreign member stands beside, never under a name that means something else in GeoJSON.
    assert collection.keys() == {"type", "features", *(["attribution"] if attribution else [])}
    assert collection["type"] == "FeatureCollection"
    assert len(collection["features"]) == sum(len(one.mentions) for one in made)
    for feature in collection["features"]:
        check_feature(feature)
    written = json.dumps(collection, ensure_ascii=False, allow_nan=False).encode("utf-8")
    assert json.loads(written) == collection


def test_geojson_has_every_field_of_a_candidate():
    (feature,) = to_geojson([recognition("", ("Monaco", MONACO))])["features"]
    assert feature["properties"]["candidates"] == [plain(asdict(candidate()))]


@pytest.mark.parametrize(
    ("box", "shown"),
    [
        ((7.41, 43.72, 7.44, 43.75), [7.41, 43.72, 7.44, 43.75]),
        ((7.45, 43.75, 7.5, 43.8), [7.4246, 43.7384, 7.5, 43.8]),
        ((7.40000044, 43.7, 7.42459996, 43.8), [7.4, 43.7, 7.4246, 43.8]),
        ((7.41, 43.72, float("nan"), 43.75), None),
        ((7.41, 43.75, 7.44, 43.72), None),
        ((7.41, 43.72, 500.0, 43.75), None),
        (None, None),
    ],
)
def test_geojson_tells_the_box_about_a_place(box: tuple[float, float, float, float] | None, shown: list[float] | None):
    one = Recognition("Monaco", (Mention("Monaco", 0, 6, "Country", 0.9, candidates=(candidate(bbox=box),)),))
    (feature,) = to_geojson([one])["features"]
    assert feature.get("bbox") == shown
    assert ("bbox" in feature) == (shown is not None)
    if shown:
        assert feature["properties"]["candidates"][0]["bbox"] == list(box), "as the gazetteer has it"
        assert Recognition.from_dict(json.loads(json.dumps(one.to_dict()))) == one


@pytest.mark.parametrize(
    ("longitude", "box", "shown"),
    [
        (178.0, (177.0, -19.0, -178.0, -12.0), [177.0, -19.0, -178.0, -12.0]),
        (-177.5, (177.0, -19.0, -178.0, -12.0), [177.0, -19.0, -177.5, -12.0]),
        (-179.5, (177.0, -19.0, 179.0, -12.0), [177.0, -19.0, -179.5, -12.0]),
        (179.5, (-179.0, -19.0, -178.0, -12.0), [179.5, -19.0, -178.0, -12.0]),
    ],
)
def test_geojson_s_box_holds_its_point_across_the_antimeridian(
    longitude: float, box: tuple[float, float, float, float], shown: list[float]
) -> None:
    place = candidate((longitude, -17.0), name="Fiji", bbox=box)
    (feature,) = to_geojson([Recognition("Fiji", (Mention("Fiji", 0, 4, "Country", 0.9, candidates=(place,)),))])[
        "features"
    ]
    assert feature["geometry"]["coordinates"] == [longitude, -17.0]
    assert feature["bbox"] == shown


def test_one_recognition_makes_its_own_map_and_page():
    one = RECOGNITIONS[0]
    assert one.to_geojson(attribution="a") == to_geojson([one], attribution="a")
    assert one.to_geojson() == to_geojson([one])
    assert one.to_html(title="T", attribution="a") == to_html([one], title="T", attribution="a")
    assert one.to_html() == to_html([one])


def test_geojson_file_reads_back(tmp_path: Path):
    hostile = [recognition("\ud83d \x00 </script> ", ("Mona\udc00co", MONACO))]
    write_geojson(hostile, tmp_path / "mentions.geojson")
    read = json.loads((tmp_path / "mentions.geojson").read_bytes().decode("utf-8"))
    assert read == to_geojson(hostile)
    assert read["features"][0]["properties"]["mention"] == "Mona\ufffdco"


# --- the page


def test_page_marks_the_mentions_in_order_within_their_messages():
    page = Page(to_html(RECOGNITIONS))
    assert page.marks == ["Monaco", "Old Mill", "Houston", "Freeport"]
    assert page.messages == [one.text for one in RECOGNITIONS]


@given(st.lists(made_up(any_text), max_size=2))
def test_page_holds_any_text(recognitions: list[Recognition]):
    rendered = to_html(recognitions)
    rendered.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", rendered)
    page = Page(rendered)
    assert page.marks == [visible(mention.text) for one in recognitions for mention in one.mentions]
    assert all(element.tag.endswith("svg") for element in svgs(rendered))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_ever_text(text: str):
    plain = Page(to_html([recognition("safe ", ("safe", MONACO))], title="t", attribution="a"))
    place = candidate(name=text, id=text, kind=text, country=text, reason=text)
    mention = Mention(text, 0, len(text), text, 0.5, (text,), (text,), (place,))
    page = Page(to_html([Recognition(text + text, (mention,))], title=text, attribution=text))
    assert page.marks == [text]
    assert page.messages == [text + text]
    assert sum(text in shown for shown in page.texts) >= 10
    # The same elements and the same attributes stand in the page, whatever the message says.
    assert set(page.elements) == set(plain.elements)
    assert page.elements.count("script") == 1
    names = {(tag, name) for tag, name, _ in page.attributes}
    assert names == {(tag, name) for tag, name, _ in plain.attributes}
    assert not any(name.startswith("on") for _, name in names)


def test_control_characters_are_shown_as_stand_ins():
    assert visible("a\x00b\x1b\x7f\x85\ud800\r\nc\rd\te") == "a\u2400b\u241b\u2421\ufffd\ufffd\nc\nd\te"
    assert without_surrogates("\x00🌊\ud83d") == "\x00🌊\ufffd"
    rendered = to_html([recognition("\x00", ("Mon\x01aco", MONACO))])
    assert Page(rendered).marks == ["Mon\u2401aco"]
    assert all(svgs(rendered))


LOADING = {"action", "background", "cite", "data", "formaction", "href", "manifest", "ping", "poster", "src", "srcset"}


def test_page_loads_nothing():
    rendered = to_html([*RECOGNITIONS, Recognition("see http://example.org/x.js")], attribution="https://example.org")
    parsed = Page(rendered)
    assert not {"base", "embed", "iframe", "img", "link", "object", "audio", "video", "use", "image"} & {
        *parsed.elements
    }
    assert all(value.startswith("#") for _, name, value in parsed.attributes if name.split(":")[-1] in LOADING)
    assert "refresh" not in [value for tag, name, value in parsed.attributes if tag == "meta"]
    # Besides the names of vocabularies, which nothing fetches, no address stands in markup, style or script.
    addresses = [value for _, name, value in parsed.attributes if "//" in value and name != "xmlns"]
    assert addresses == []
    assert "//" not in "".join(re.findall(r"<style>.*?</style>", rendered, re.DOTALL))
    links = [value for _, name, value in Page(rendered).attributes if name in ("src", "href", "xlink:href", "action")]
    assert links
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"@import|url\(|<link|<iframe|<img|fetch\(|XMLHttpRequest", rendered)
    assert "default-src 'none'" in rendered


def test_every_link_and_label_leads_somewhere():
    attributes = Page(to_html(RECOGNITIONS)).attributes
    ids = [value for _, name, value in attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {value[1:] for _, name, value in attributes if name == "href"} <= set(ids)
    labels = {label for _, name, value in attributes if name == "aria-labelledby" for label in value.split()}
    assert labels <= set(ids)


def test_the_script_is_the_one_that_the_policy_allows():
    rendered = to_html(RECOGNITIONS)
    (script,) = re.findall(r"<script>(.*?)</script>", rendered, flags=re.DOTALL)
    allowed = re.search(r"script-src 'sha256-([^']+)'", rendered)
    assert "&#39;" not in script
    assert allowed
    assert allowed[1] == b64encode(sha256(script.encode()).digest()).decode()


def test_drawings_are_well_formed_and_described():
    drawings = [svg for svg in svgs(to_html(RECOGNITIONS)) if svg.get("class") == "map"]
    assert len(drawings) == 4  # the world, Monaco, Houston, Freeport
    namespace = "{http://www.w3.org/2000/svg}"
    for svg in drawings:
        assert [child.tag for child in svg[:2]] == [namespace + "title", namespace + "desc"]
        assert all(child.text for child in svg[:2])
    numbers = [marker.get("data-mentions") for marker in drawings[0].iter(namespace + "a")]
    assert numbers == ["1", "3", "4"]


def test_page_says_so_when_there_is_nothing():
    for recognitions in ([], [Recognition("No place")], [recognition("", ("Old Mill", None))]):
        rendered = to_html(recognitions)
        assert "No mention has a place on the map." in rendered
        assert 'class="map"' not in rendered


def test_colour_is_not_the_only_cue():
    assert {group_of(kind).key for kind in ("Country", "City/town", "Island", "Street", "Human-made POI", "?")} == {
        group.key for group in GROUPS
    }
    assert len({(group.sides, group.turn) for group in GROUPS}) == len(GROUPS)
    rendered = to_html(RECOGNITIONS)
    assert rendered.count("City/town</small>") == 4


def test_a_place_that_is_more_likely_not_meant_is_hollow_and_the_legend_says_so():
    def page(*scores: float) -> str:
        mentions = (
            Mention("Paris", 6 * n, 6 * n + 5, "City/town", 0.9, (), (), (candidate((5.0, 10.0 * n), score=score),))
            for n, score in enumerate(scores)
        )
        return to_html([Recognition("Paris " * len(scores), tuple(mentions))])

    sure, unsure = page(0.5, 0.9), page(0.49, 0.9)
    assert 'class="marker' in sure
    assert " unlikely" not in sure.partition("<body>")[2]
    assert "Hollow" not in sure
    assert "Hollow: more likely not this place, or in or near it <span>(1)</span>" in unsure
    markers = re.findall(r'class="(marker [^"]*)"', unsure)
    assert {" unlikely" in marker for marker in markers} == {True, False}
    assert '<td class="number">0.49</td>' in unsure


def test_a_place_that_is_only_in_or_near_another_is_shown_as_such_everywhere():
    near = candidate(score=0.8, approximate=True)
    one = Recognition(
        "Rue Grimaldi", (Mention("Rue Grimaldi", 0, 12, "Road/street", 0.9, candidates=(near, candidate())),)
    )
    assert Recognition.from_dict(json.loads(json.dumps(one.to_dict()))) == one
    page = to_html([one])
    assert '<td dir="auto">in or near Monaco (MC)</td>' in page
    assert "or in or near it <span>(1)</span>" in page
    assert "in or near Monaco, MC (city, osm:node/1)" in list(table_lines(one))[1]
    (feature,) = to_geojson([one])["features"]
    assert feature["properties"]["approximate"] is True
    assert [each["approximate"] for each in feature["properties"]["candidates"]] == [True, False]
    table = to_arrow([one, recognition("", ("Monaco", MONACO)), recognition("", ("Zz", None))])
    assert table["approximate"].to_pylist() == [True, False, None]


# --- lines for a terminal


def test_lines_for_a_terminal_hold_no_control_characters():
    evil = "\x1b[2J\x9b2J\x00"
    place = candidate(name=evil, id=evil, kind=evil, country=evil)
    lines = list(table_lines(Recognition(evil, (Mention(evil, 0, len(evil), evil, 0.5, (), (), (place,)),))))
    assert len(lines) == 2
    assert not re.search("[\x00-\x1f\x7f-\x9f]", "".join(lines))
    assert "".join(lines).count("\u241b[2J") == 7


def test_lines_for_a_terminal_say_how_sure_a_mention_is_and_how_sure_its_place():
    place = candidate(name="Oak Forest", score=0.196)
    [_, line] = table_lines(Recognition("Oak St", (Mention("Oak St", 0, 6, "Road/street", 0.92, (), (), (place,)),)))
    assert re.search(r"Road/street +0\.92 +0\.20 .*Oak Forest", line)


def test_lines_for_a_terminal_keep_their_order():
    evil = "safe \u202egnihton \u2066x\u200f"
    (mention,) = (Mention(evil, 0, len(evil), "City/town", 0.5),)
    assert not re.search(
        "[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "".join(table_lines(Recognition(evil, (mention,))))
    )


# --- maps


def pin(number: int, position: tuple[float, float], kind: str = "City/town", reach: float = 120.0) -> Pin:
    return Pin(number, *position, group_of(kind), f"place {number}", reach)


def test_near_mentions_share_an_inset_and_distant_ones_do_not():
    pins = [pin(1, MONACO), pin(2, HOUSTON), pin(3, (7.26, 43.7)), pin(4, (-94.8, 29.3))]
    assert [[one.number for one in cluster] for cluster in clusters(pins)] == [[1, 3], [2, 4]]


def test_the_scale_bar_makes_room_for_a_mention():
    for corner, on_the_left in ((0.0, False), (1.0, True)):
        _, inset = draw_panels([pin(1, (7.0, 44.0)), pin(2, (8.0, 44.0 + corner))])
        assert inset.scale
        assert (inset.scale.left < 20) == on_the_left


def test_every_pin_lies_inside_its_inset_across_the_antimeridian_too():
    for cluster in ([pin(1, (178.44, -18.14)), pin(2, (-179.97, -16.85))], [pin(1, (15.6, 78.2))], [pin(1, MONACO)]):
        window = inset_window(cluster)
        for one in cluster:
            x, y = window.project(window.unwrap(one.longitude), one.latitude)
            assert 0 < x < window.width
            assert 0 < y < window.height


def test_an_inset_is_true_to_scale():
    window = inset_window([pin(1, (15.6, 60.0))])
    middle = (window.south + window.north) / 2
    across = distance_km((middle, window.west), (middle, window.east))
    down = distance_km((window.south, 0.0), (window.north, 0.0))
    assert across / down == pytest.approx(window.width / window.height, rel=0.01)
    bar = scale_bar(window)
    assert across * bar.length / window.width == pytest.approx(float(bar.label.split()[0]), rel=0.01)


def test_mentions_beyond_the_last_inset_are_labelled_on_the_world_map():
    pins = [pin(number, (number * 20.0 - 100, 10.0)) for number in range(1, MAX_INSETS + 3)]
    world, *insets = draw_panels(pins)
    assert len(insets) == len(world.boxes) == MAX_INSETS
    shown = {
        number for panel in (world, *insets) for marker in panel.markers if marker.label for number in marker.numbers
    }
    assert shown == {one.number for one in pins}


def test_labels_do_not_cover_each_other():
    _, inset = draw_panels([pin(number, (7.42 + number * 0.001, 43.73), reach=3.0) for number in range(6)])
    places = [(marker.label_x, marker.label_y) for marker in inset.markers]
    assert len(places) == 6
    for index, (x, y) in enumerate(places):
        assert all(abs(x - other_x) >= 8 or abs(y - other_y) >= 13 for other_x, other_y in places[:index])


def test_backdrop_is_thinned_and_kept_finite():
    many = [(7.4 + index * 1e-5, 43.7 + index % 91 * 1e-3) for index in range(3 * MAX_BACKDROP)]
    panels = draw_panels([pin(1, MONACO)], backdrop=[*many, (float("nan"), 1.0), (1.0, float("inf"))])
    drawn = [panel.backdrop.count("M") for panel in panels]
    assert drawn[1] > 100
    assert sum(drawn) <= MAX_BACKDROP
    assert "nan" not in panels[0].backdrop + panels[1].backdrop


def test_land_is_left_out_where_it_is_too_coarse():
    _, street = draw_panels([pin(1, MONACO, "Street", reach=3.0)])
    _, country = draw_panels([pin(1, MONACO, "Country", reach=900.0)])
    assert street.land is None
    assert country.land


def test_land_outline_is_closed_and_nowhere_jumps():
    assert len(rings()) > 100
    for ring in rings():
        assert ring[0] == ring[-1]
        assert all(-90 <= latitude <= 90 for _, latitude in ring)
        steps = [abs(a[0] - b[0]) for a, b in pairwise(ring) if a[1] > -90]
        assert max(steps) < 20
    assert files("lmr_hybrid.output").joinpath("land.json").stat().st_size < 150_000


def test_land_is_where_it_should_be():
    """Count crossings of a ray: the Sahara is land, the Pacific is sea, Chukotka at 175 W (185 E) is land."""

    def is_land(longitude: float, latitude: float) -> bool:
        inside = False
        for ring in rings():
            for (x1, y1), (x2, y2) in pairwise(ring):
                if (y1 > latitude) != (y2 > latitude) and longitude < x1 + (latitude - y1) / (y2 - y1) * (x2 - x1):
                    inside = not inside
        return inside

    assert is_land(10, 22)
    assert is_land(0, -85)
    assert not is_land(-130, 0)
    # Eurasia runs on beyond 180 degrees.
    assert is_land(185, 67)
    assert land_path(Window(-178, 65, -172, 69, 300, 225))
    assert land_path(Window(182, 65, 188, 69, 300, 225))
    assert land_path(Window(-135, -3, -125, 3, 300, 225)) == ""


def test_unwrapping_follows_a_ring_over_the_antimeridian_and_round_the_pole():
    assert unwrapped([(179, 0), (-179, 0), (-179, 1), (179, 0)]) == [(179, 0), (181, 0), (181, 1), (179, 0)]
    south = unwrapped([(-180, -70), (-60, -70), (60, -70), (180, -70)])
    assert south[-3:] == [(180, -90.0), (-180, -90.0), (-180, -70)]


def test_grid_lines_are_labelled_in_words():
    labels = [line.label for line in graticule(Window(170.0, -20.0, 190.0, -5.0, 300, 225))]
    assert labels == ["170° E", "175° E", "180°", "175° W", "170° W", "20° S", "15° S", "10° S", "5° S"]
    assert "0°" in [line.label for line in graticule(Window(-20.0, -20.0, 20.0, 20.0, 300, 225))]


# --- files


def test_page_file_is_the_rendered_page(tmp_path: Path):
    target = tmp_path / "page.html"
    target.write_text("old")
    write_html(iter(RECOGNITIONS), target, title="Ünited", attribution="a", backdrop=[MONACO])
    page = target.read_bytes().decode("utf-8")
    assert page == to_html(RECOGNITIONS, title="Ünited", attribution="a", backdrop=[MONACO])
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("name", ["missing/page.html", "folder", "file/page.html", "x" * 300, "nul\0", "pipe"])
@pytest.mark.parametrize("write", [write_html, write_geojson, lambda _, path: check_writable(path)])
def test_a_path_that_cannot_be_written_is_named_and_nothing_stays(tmp_path: Path, name: str, write):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OutputError) as caught:
        write(RECOGNITIONS, tmp_path / name)
    assert caught.value.subject == tmp_path / name
    assert caught.value.remedy in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("path", ["", ".", "/"])
@pytest.mark.parametrize("write", [write_html, write_geojson, lambda _, path: check_writable(path)])
def test_a_path_without_a_name_is_that_of_a_folder(path: str, write):
    with pytest.raises(OutputError, match="is a folder"):
        write(RECOGNITIONS, path)


def test_asking_whether_a_path_can_be_written_changes_nothing(tmp_path: Path):
    (tmp_path / "old.html").write_text("old")
    check_writable(tmp_path / "old.html")
    check_writable(tmp_path / "new.html")
    assert [path.name for path in tmp_path.iterdir()] == ["old.html"]
    assert (tmp_path / "old.html").read_text() == "old"


@pytest.mark.parametrize("write", [write_html, write_geojson])
def test_a_link_is_written_through_and_stays(tmp_path: Path, write):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "page").write_text("old")
    for link, target in (("link", "kept/page"), ("second", "link"), ("new", "kept/new")):
        (tmp_path / link).symlink_to(target)
    for link, place in (("second", "page"), ("new", "new")):
        check_writable(tmp_path / link)
        write(RECOGNITIONS, tmp_path / link)
        assert (tmp_path / link).is_symlink()
        assert "Monaco" in (tmp_path / "kept" / place).read_text(encoding="utf-8")
    assert (tmp_path / "link").is_symlink()
    assert {path.name for path in tmp_path.rglob("*")} == {"kept", "page", "link", "second", "new"}


@pytest.mark.parametrize("mode", [0o600, 0o440, 0o666])
def test_a_new_content_has_the_permissions_of_the_old(tmp_path: Path, mode: int):
    target = tmp_path / "page.html"
    target.write_text("old")
    target.chmod(mode)
    write_html(RECOGNITIONS, target)
    assert target.stat().st_mode & 0o7777 == mode
    assert "Monaco" in target.read_text(encoding="utf-8")


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path: Path):
    target = tmp_path / "page.html"
    target.write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OutputError, match="cannot be written"):
            write_html(RECOGNITIONS, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
