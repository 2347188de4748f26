"""Builders of XAusländer documents for these tests: as short as the schema lets them be."""

from pathlib import Path

from hub.model.codes import code_list

SCHEMAS = Path(__file__).parents[2] / "xsd" / "xauslaender" / "26.11"

ROOTS = {code: name for code, name in code_list("message_type").codes.items() if code >= "13"} | {
    "000002": "Administration.RueckweisungSynchron.000002",
    "000040": "Administration.Dokumentenlieferung.Paket.000040",
    "0010": "rueckweisung.asynchron.0010",
}


def a_message(number: str, body: str | None = None) -> str:
    """A whole document of that number; `body` in place of its usual one."""
    root = f"xauslaender:{ROOTS[number]}"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns:xauslaender="http://www.osci.de/xauslaender2611" produkt="Hub"
    produkthersteller="Wir" produktversion="1" standard="XAusländer" version="26.11" test="true">
{_header(number)}
{BODIES[number] if body is None else body}
</{root}>"""


def own(name: str, content: str = "", attributes: str = "") -> str:
    """An element of XAusländer itself: qualified."""
    return f"<xauslaender:{name} {attributes}>{content}</xauslaender:{name}>"


def _header(number: str) -> str:
    return f"""<nachrichtenkopf.g2g>
<identifikation.nachricht>
<nachrichtenUUID>0a7f4c52-93b1-4d0e-8a55-5d2f6f3f7c11</nachrichtenUUID>
<nachrichtentyp listURI="urn:de:xauslaender:codelist:nachrichtentyp" listVersionID="19">
<code>{number}</code></nachrichtentyp>
<erstellungszeitpunkt>2026-11-03T14:00:00+01:00</erstellungszeitpunkt>
</identifikation.nachricht>
<leser>{_PARTY}<kennung>azr:990001</kennung><name>Ausländerbehörde Neustadt</name></leser>
<autor>{_PARTY}<kennung>alp:990001</kennung><name>Portal Neustadt</name>
<erreichbarkeit><kanal><code>01</code></kanal><kennung>portal@example.org</kennung></erreichbarkeit>
<erreichbarkeit/></autor>
</nachrichtenkopf.g2g>
<anschrift.autor><gebaeude>{"".join(_HOUSE)}</gebaeude></anschrift.autor>"""


_PARTY = (
    '<verzeichnisdienst listURI="urn:xoev-de:kosit:codeliste:verzeichnisdienst" '
    'listVersionID="3"><code>DVDV</code></verzeichnisdienst>'
)
_HOUSE = (
    "<hausnummer>7</hausnummer>",
    "<postleitzahl>12345</postleitzahl>",
    "<strasse>Lindenweg</strasse>",
    "<wohnort>Neustadt</wohnort>",
)
_UUID = "5b0e7f0e-2d3b-4a53-9a8f-0c7b5e3d2a10"


def code(name: str, list_name: str, key: str) -> str:
    """An element with a code of one of the hub's lists."""
    known = code_list(list_name)
    attributes = f'listURI="{known.uri}" listVersionID="{known.version}"'
    return own(name, f"<code>{key}</code>", attributes)


def _foreign_code(name: str) -> str:
    return own(name, "<code>1</code>", 'listURI="urn:example:list" listVersionID="1"')


def _name(element: str, text: str) -> str:
    return own(element, f"<name>{text}</name>")


def _document(name: str) -> str:
    return own(name, own("dokument", "JVBERg==") + code("dokumententyp", "document_format", "1"))


def _evidence(name: str, content: str) -> str:
    return own(
        name,
        own("dokumentOderReferenz", content)
        + code("dokumententyp", "document_format", "2")
        + own("bezeichnung", "Pass"),
    )


_NATIONALITY = own("staatsangehoerigkeit", own("staatsangehoerigkeit", "<code>997</code>"))
_SEX = own("geschlecht", own("geschlecht", "<code>d</code>"))
_NAMES = _name("vorname", "Thảo") + own("familienname", "<nichtVorhanden>true</nichtVorhanden>")
_NEWBORN = own("geburt", own("tagDerGeburt", "<unbekannt>true</unbekannt>"))
PERSON = (
    _NAMES
    + _SEX
    + own(
        "geburt",
        own("geburtsort", own("ort", "Huế") + own("staat", "<code>432</code>"))
        + own(
            "tagDerGeburt",
            "<teilbekanntesDatum><jahrMonat>1994-02</jahrMonat></teilbekanntesDatum>",
        ),
    )
    + own("familienstand", own("familienstand", "<code>VH</code>") + own("getrenntLebend", "true"))
    + own("familienstandOderGetrenntlebendSeit", "<jahr>2019</jahr>")
    + _NATIONALITY
    + own("anschrift", f"<gebaeude>{''.join(_HOUSE)}</gebaeude>")
)
_DOWN = own("antragsidentifikation", "N-1") + own("rueckkanalVorhanden", "true")
_DOWN_ANSWER = _DOWN + own("ausloeserUUID", _UUID)
_UP = own("antragsidentifikation", "N-1") + own("ausloeserUUID", _UUID)
_DAY = own("antragsdatum", "2026-11-03")
_ERROR = own("fehler", code("fehlercode", "error_code", "X001") + own("text", "Feld fehlt"))

_GUEST = own(
    "gast",
    own("aufenthaltVisum", own("visumfrei", _foreign_code("cVisum")))
    + own("krankenversicherung", "1")
    + own("anschrift", own("anschriftWieGastgeber", "true"))
    + own("anschriftAusland", "<staat><code>432</code></staat><zeile>Huế</zeile>")
    + own("weitereGaeste", _NEWBORN + _foreign_code("beziehungZumGast") + _SEX)
    + _name("geburtsname", "Trần")
    + _SEX,
)
_HOST = own("gastgeber", own("privat", _NAMES + _SEX + own("finanzielleVerantwortung", "5")))
_EMPLOYER = own(
    "arbeitgeber",
    own("firma", "Werk")
    + own(
        "anschriftBetriebsstaette",
        f"<postfach><postfach>9</postfach>{_HOUSE[1] + _HOUSE[3]}</postfach>",
    )
    + own("vertreter", _NAMES + _SEX + _evidence("anlageVertreter", own("dokumentuuid", _UUID))),
)

BODIES = {
    "130101": _DOWN
    + _DAY
    + code("grundDesAntrags", "application_reason", "01")
    + code("grundDesAufenthalts", "residence_reason", "03")
    + own("angabenZurPerson", PERSON)
    + _evidence("nachweis", own("dokument", "/9j/4A=="))
    + own("angabenDokumentenlieferung", own("anzahlDerPakete", "2") + own("archivgroesse", "9")),
    "130102": _UP + own("frage", "Wo wohnen Sie?") + own("fristdatum", "2026-12-01"),
    "130103": _DOWN_ANSWER + own("antworttext", "In Neustadt."),
    "130104": _UP + code("status", "status", "05") + _document("anhang"),
    "130105": _UP
    + own(
        "strukturierteTermininformationen",
        own("datum", "2026-12-08") + own("uhrzeitAb", "08:30:00") + own("ort", "".join(_HOUSE)),
    )
    + own("weitereHinweise", "Zimmer 3"),
    "130107": _UP + own("rueckmeldung", "Erledigt."),
    "130109": _UP + own("hinweis", "Andere Stadt."),
    "130110": _UP + _document("mitteilung"),
    "130111": _DOWN,
    "130201": _DOWN + _HOST + _GUEST + _document("zusammenfassungBelehrung"),
    "130301": _DOWN
    + _DAY
    + code("grundDesAntrags", "application_reason", "01")
    + code("grundDerMeldung", "notification_reason", "02")
    + own("angabenZurPerson", PERSON)
    + own("einreisedatum", "2026-10-01"),
    "130401": _DOWN
    + _DAY
    + code("grundDesAufenthalts81a", "skilled_worker_reason", "02")
    + _EMPLOYER
    + own("fachkraft", PERSON)
    + own("familienangehoerige", PERSON + code("familiaereBeziehung", "family_relation", "02"))
    + _evidence("nachweis", own("dokumentuuid", _UUID)),
    "130402": _UP + code("anlass", "ending_reason", "04"),
    "130403": _UP + _document("vereinbarung"),
    "130404": _DOWN_ANSWER + _document("vereinbarung"),
    "130405": _UP + _document("bescheid") + _document("empfangsbestaetigung"),
    "130406": _DOWN_ANSWER + _document("empfangsbestaetigung"),
    "130407": _UP + _document("vorabzustimmung") + _document("anlage") * 2,
    "000002": _ERROR * 2,
    "000040": _UP + own("paketnummer", "1") + own("paket", "UEsDBA=="),
    "0010": _ERROR + own("nachricht", "PGEvPg=="),
}
