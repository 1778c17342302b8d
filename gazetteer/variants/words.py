"""The words that people shorten in place names, with their short forms: one line a word, the commonest form first."""

from __future__ import annotations


def _table(lines: str) -> dict[str, tuple[str, ...]]:
    rows = (line.split() for line in lines.strip().splitlines())
    return {word: tuple(forms) for word, *forms in rows}


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text; a long set is easier read so than as literals."""
    return frozenset(words.split())


def backwards(table: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the word that each short form stands for; of two words with one form, the first listed."""
    expansions: dict[str, tuple[str, ...]] = {}
    for word, forms in table.items():
        for form in forms:
            expansions.setdefault(form, (word,))
    return expansions


#: Types of street that follow the name, from USPS Publication 28, appendix C1: the standard suffix, and the form from
#: its column of common ones where messages use it. Types that are no shorter abbreviated, or hardly ever are, are left
#: out ("mall", "row", "walk").
STREET_TYPES = _table("""
    street st str
    avenue ave av
    road rd
    drive dr
    boulevard blvd
    lane ln
    court ct
    place pl
    circle cir
    terrace ter terr
    highway hwy
    parkway pkwy pky
    expressway expy expwy
    freeway fwy
    turnpike tpke tpk
    trail trl
    square sq
    alley aly
    crescent cres
    crossing xing
    bridge brg
    causeway cswy
    heights hts
    junction jct
    plaza plz
    extension ext
    bypass byp
    motorway mtwy
    point pt
    ridge rdg
    valley vly
    springs spgs
    landing lndg
    estates ests
    gardens gdns
    grove grv
    meadows mdws
    hollow holw
    village vlg
    center ctr
    mountain mtn
    overpass opas
    underpass upas
    route rte rt
""")
#: Types of street that stand before the name, as Spanish, Portuguese, French and Catalan write them; libpostal,
#: street_types.txt of es, pt, fr and ca. "c" for "calle" and "r" for "rua" are too short to look for.
LEADING_STREET_TYPES = _table("""
    avenue ave av
    avenida av ave
    avinguda av
    boulevard blvd bd
    bulevar blvd
    carretera ctra
    highway hwy
    route rte rt
    praca pca
    urbanizacion urb
""")
#: USPS Publication 28, section 233; "nth" and "sth" as New Zealanders and Australians write them.
DIRECTIONS = _table("""
    north n
    south s
    east e
    west w
    northeast ne
    northwest nw
    southeast se
    southwest sw
""")
#: Directions before the name of what is no road. Never expanded: "n djamena" is not north of anything.
LEADING_DIRECTIONS = _table("""
    north n nth
    south s sth
    east e
    west w
    northeast ne
    northwest nw
    southeast se
    southwest sw
    northern n
    southern s
    eastern e
    western w
""")
SAINTS = _table("""
    saint st
    sainte ste
    sankt st
    sint st
    saints sts
""")
#: The first word of a town, mountain or headland; "port" is left out, for "pt" is read as "point".
LEADING_FEATURES = _table("""
    fort ft
    mount mt
    point pt
""")
TRAILING_FEATURES = _table("""
    mountain mtn mt
    mountains mtns
    heights hts
    springs spgs
    junction jct
    national natl
""")
#: Words of the names of buildings and institutions, wherever they stand; libpostal, en/place_names.txt.
FACILITIES = _table("""
    international intl
    university univ uni
    hospital hosp
    center ctr centre
    centre ctr center
    medical med
    department dept
    building bldg
    apartments apts
    national natl
    elementary elem
    junior jr
    street st
    avenue ave
    road rd
    boulevard blvd
    highway hwy
    mountain mtn
    fort ft
    mount mt
""")
#: Several words at the end of an institution's name and what is written for them.
FACILITY_ENDINGS: dict[tuple[str, str], tuple[str, ...]] = {
    ("high", "school"): ("hs", "high"),
    ("middle", "school"): ("ms", "middle"),
    ("elementary", "school"): ("elementary", "elem"),
    ("primary", "school"): ("primary",),
    ("community", "college"): ("cc",),
    ("international", "airport"): ("airport", "intl"),
    ("regional", "airport"): ("airport",),
    ("municipal", "airport"): ("airport",),
    ("medical", "center"): ("medical", "med ctr"),
    ("convention", "center"): ("convention ctr",),
}
SPELLINGS = _table("""
    harbour harbor
    centre center
    theatre theater
    grey gray
""")
ORDINALS = _table("""
    first 1st
    second 2nd
    third 3rd
    fourth 4th
    fifth 5th
    sixth 6th
    seventh 7th
    eighth 8th
    ninth 9th
    tenth 10th
    eleventh 11th
    twelfth 12th
    thirteenth 13th
    fourteenth 14th
    fifteenth 15th
    sixteenth 16th
    seventeenth 17th
    eighteenth 18th
    nineteenth 19th
    twentieth 20th
""")
#: People after whom so much is named that their initials are read as they are; the longest form first.
PEOPLE: tuple[tuple[tuple[str, ...], str], ...] = (
    (("martin", "luther", "king", "jr"), "mlk"),
    (("martin", "luther", "king", "junior"), "mlk"),
    (("martin", "luther", "king"), "mlk"),
    (("john", "f", "kennedy"), "jfk"),
)
TITLES = word_set("dr doctor reverend")
#: Saints whose names English writes with an apostrophe: "St. John's", typed "St Johns".
OWNING_SAINTS = word_set(
    "johns marys georges josephs leonards helens albans davids andrews patricks lukes marks annes anns michaels "
    "stephens catharines catherines peters pauls marthas margarets anthonys martins"
)
US_STATES = (
    "alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois|"
    "indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|"
    "montana|nebraska|nevada|new hampshire|new jersey|new mexico|new york|north carolina|north dakota|ohio|oklahoma|"
    "oregon|pennsylvania|rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia|washington|"
    "west virginia|wisconsin|wyoming|puerto rico"
)
#: Postal codes of the states, without "co", which is a county's.
US_STATE_CODES = (
    "al|ak|az|ar|ca|ct|de|fl|ga|hi|id|il|in|ia|ks|ky|la|me|md|ma|mi|mn|ms|mo|mt|ne|nv|nh|nj|nm|ny|nc|nd|oh|ok|or|pa|"
    "ri|sc|sd|tn|tx|ut|vt|va|wa|wv|wi|wy|pr"
)
#: Words that name no place by themselves, alone or together, whatever was left out beside them.
NOT_A_NAME = word_set(
    """
    a an and at by de del der des di do du el en for i in la las le les los of on or the to y
    north south east west northern southern eastern western central northeast northwest southeast southwest
    northeastern northwestern southeastern southwestern middle mid inner outer upper lower far near
    big great greater little long high low new old young grand main major minor black blue green red white
    first second third one two three half all free united federal national regional international
    capital city town village county parish state states province region district division zone area country
    island islands isle isles key keys cay coast bay beach sea lake river creek falls spring springs valley hill
    hills mount mountain mountains point port fort park forest wood woods desert ocean gulf cape
    republic kingdom union commonwealth territory federation department municipality metropolitan urban rural
    autonomous special administrative virgin us british american center centre saint st santa san christmas easter
    avenida calle rua rue ciudad cidade norte sur sul este oeste nord sud ouest est ost centro
    """
)
