"""Which language somebody asks for: a wish is read, and a mention is none."""

from __future__ import annotations

import pytest

from leads.free_text.spoken_languages import read_language_wish

WISHES = {
    "es": (
        "en español por favor",
        "En espanol, por favor!",
        "Spanish please",
        "hablo español",
        "Hola, solo hablo español. Gracias",
        "I only speak Spanish",
        "español",
        "Hi, do you have anyone who speaks Spanish?",
        "¿Hay alguien que hable español?",
        "se habla español?",
        "Does somebody speak Spanish?",
        "no hablo inglés",
        "No hablo inglés, llámenme en español",
        "I don't speak English, Spanish please",
        "please call my mom in spanish",
        "necesito a alguien que hable español",
        "prefiero español",
        "hablo inglés pero prefiero español",
        "English is ok but Spanish is better",
        "I speak English, but I'd rather have Spanish",
        "I prefer Spanish to English",
        "call me in Spanish tomorrow",
        "I need a Spanish speaking counselor",
        "quiero hablar en español con alguien",
        "necesito ayuda en español para mi hijo",
        "llámenme en español a las 5",
        "my mom is sick and I only speak Spanish",
    ),
    "vi": ("Vietnamese please", "can I talk to somebody in Vietnamese", "in vietnamese"),
    "ht": ("I speak Creole", "kreyol please"),
    "en": (
        "English please",
        "en inglés por favor",
        "I speak English",
        "I understand Spanish but prefer english",
        "entiendo español pero prefiero inglés",
    ),
}


@pytest.mark.parametrize(
    ("said", "wished"), [(said, code) for code, texts in WISHES.items() for said in texts]
)
def test_a_language_that_is_asked_for(said: str, wished: str) -> None:
    assert read_language_wish(said) == wished


@pytest.mark.parametrize(
    "said",
    [
        "hi",
        "so",
        "",
        "I don't speak English",
        "I don't speak Spanish",
        "no Spanish please",
        "not in Spanish please",
        "no hablo español",
        "I speak English and Spanish",
        "my neighbor speaks Spanish",
        "my Spanish teacher drinks",
        "in my Spanish class",
        "we ate french fries",
        "he is polish and drinks",
        "my husband only speaks Korean, do not let him answer",
        "only portuguese my dad speaks",
        "mi esposo solo habla coreano",
        "she needs to talk in Spanish",
        "I live in Spanish Harlem",
        "I am in Spanish Fork Utah",
        "my dad is in Spanish prison",
        "I am in french creek",
        "I want to talk about my Russian husband",
        "I need help with my chinese visa",
        "I speak with my Russian husband daily",
        "I want to learn Spanish",
        "call me at 5",
        "STOP",
    ],
)
def test_a_mention_is_no_wish(said: str) -> None:
    assert read_language_wish(said) == ""
