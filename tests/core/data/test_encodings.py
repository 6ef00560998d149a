"""Encodings are guessed right from a handful of letters, where statistics have nothing to go by."""

from __future__ import annotations

import pytest

from workbench.core.data.text_file import find_encoding

TEXTS = [
    ("cp1252", "größe,weite\n1,2\n"),
    ("cp1252", "Größe;Länge\n1;2\n"),
    ("cp1252", "öäü\n"),
    ("cp1252", "café\n"),
    ("cp1252", "prénom,âge\nZoé,3\n"),
    ("cp1252", "señor,año\n"),
    ("cp1252", "Ærø,Ålesund\n"),
    ("cp1252", "nafn,staður\nÞór,Reykjavík\n"),
    ("cp1252", "price\n5 €\n"),
    ("cp1252", "“quoted” – dash\n"),
    ("cp1252", "l’eau,20 °C\n"),
    ("mac_roman", "größe,länge\n1,2\n"),
    ("cp850", "größe,länge\n1,2\n"),
    ("cp1250", "jméno,město\nŽofie,Plzeň\nJiří,Třebíč\n"),
    ("cp1250", "név,város\nGyőr,Pécs\nHűség\n"),
    ("iso8859_2", "imię,miasto\nŁukasz,Łódź\nŻaneta,Gdańsk\n"),
    ("cp1254", "isim,şehir\nAyşe,İstanbul\nIşık,Muğla\n"),
    ("cp1251", "имя,город\nАнна,Москва\n"),
    ("koi8-r", "имя,город\nАнна,Москва\n"),
    ("cp866", "имя,город\nАнна,Москва\n"),
    ("cp1253", "όνομα,πόλη\nΆννα,Αθήνα\n"),
    ("cp1255", "שם,עיר\nדוד,ירושלים\n"),
    ("cp1256", "اسم,مدينة\nمحمد,القاهرة\n"),
    ("shift_jis", "名前,町\n太郎,東京\n"),
    ("euc-jp", "名前,町\n太郎,東京\nひらがなとカタカナ\n"),
    ("big5", "姓名,城市\n王小明,台北\n"),
    ("gb18030", "姓名,城市\n王小明,北京\n"),
    ("euc-kr", "이름,도시\n철수,서울\n"),
]


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
@pytest.mark.parametrize("times", [1, 30])
def test_short_texts_come_back(encoding, text, times):
    text = text + text.split("\n", 1)[1] * (times - 1)
    found, note = find_encoding(text.encode(encoding))
    assert text.encode(encoding).decode(found) == text
    assert "guessed" in note


def test_any_bytes_have_some_encoding():
    data = bytes(range(1, 256)) * 3
    found, _ = find_encoding(data)
    assert data.decode(found)
