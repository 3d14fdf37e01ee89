"""What patients read around a questionnaire, in their language. It names no diagnosis and nobody."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

PATIENT_WORDS: Final = MappingProxyType(
    {
        "en": MappingProxyType(
            {
                "page_title": "Questions from your clinic",
                "intro": "Please answer each question. It takes a few minutes.",
                "not_watched": "Nobody reads this right away. If you need help now, do not wait for us:",
                "choose": "Choose one",
                "send": "Send my answers",
                "unanswered": "Some questions have no answer yet. They are marked below.",
                "this_one": "No answer yet",
                "send_anyway": "I do not want to answer these. Send it as it is.",
                "only_if": "Answer this if it applies to you.",
                "thanks": "Thank you. Your answers have been sent.",
                "thanks_title": "Thank you",
                "team": "Your care team will go through them with you.",
                "concern": "Some of your answers tell us that you may be going through something very hard. You are "
                "not alone, and help is there now. Somebody from your care team will contact you.",
                "concern_kiosk": "Please stay and speak with a member of the staff before you leave.",
                "help": "If you need help now",
                "not_closed": "You can close this page.",
                "closed_title": "This page is no longer open",
                "closed": "The link was used, has run out or was withdrawn. If you sent your answers, they have "
                "arrived. Ask your clinic for a new link.",
                "too_often": "This page was asked for too often. Please wait ten minutes and try again.",
                "hand_back": "Done: give the tablet back",
                "locked_title": "Please give the tablet back",
                "locked": "Thank you. A member of the staff will take it from here.",
                "staff": "Staff: sign in",
                "question": "Question",
                "of": "of",
                "one_at_a_time": "One question at a time",
                "all_at_once": "All questions on one page",
                "next": "Next",
                "back": "Back",
                "skip": "Skip this question",
                "choose_or_skip": "Choose an answer, or skip this question.",
                "last": "That was the last question.",
                "mail_subject": "A few questions from your clinic",
                "mail": "Your clinic asks you to answer a few questions before your next contact:\n\n{address}\n\n"
                "The link can be used once, until {until}. Nobody reads the answers right away. If you need help "
                "now, call or text 988, or call 911.\n",
            }
        ),
        "es": MappingProxyType(
            {
                "page_title": "Preguntas de su clínica",
                "intro": "Por favor conteste cada pregunta. Toma unos minutos.",
                "not_watched": "Nadie lee esto de inmediato. Si necesita ayuda ahora, no nos espere:",
                "choose": "Elija una",
                "send": "Enviar mis respuestas",
                "unanswered": "Algunas preguntas no tienen respuesta todavía. Están marcadas abajo.",
                "this_one": "Sin respuesta todavía",
                "send_anyway": "No quiero contestar estas. Enviar así.",
                "only_if": "Conteste si le corresponde.",
                "thanks": "Gracias. Sus respuestas han sido enviadas.",
                "thanks_title": "Gracias",
                "team": "Su equipo de atención las revisará con usted.",
                "concern": "Algunas de sus respuestas nos dicen que puede estar pasando por algo muy difícil. No está "
                "solo ni sola, y hay ayuda ahora mismo. Alguien de su equipo de atención le contactará.",
                "concern_kiosk": "Por favor quédese y hable con alguien del personal antes de irse.",
                "help": "Si necesita ayuda ahora",
                "not_closed": "Puede cerrar esta página.",
                "closed_title": "Esta página ya no está abierta",
                "closed": "El enlace ya se usó, venció o fue retirado. Si envió sus respuestas, ya llegaron. Pida un "
                "enlace nuevo a su clínica.",
                "too_often": "Esta página se pidió demasiadas veces. Espere diez minutos e intente otra vez.",
                "hand_back": "Listo: devolver la tableta",
                "locked_title": "Por favor devuelva la tableta",
                "locked": "Gracias. Alguien del personal la recibirá.",
                "staff": "Personal: iniciar sesión",
                "question": "Pregunta",
                "of": "de",
                "one_at_a_time": "Una pregunta a la vez",
                "all_at_once": "Todas las preguntas en una página",
                "next": "Siguiente",
                "back": "Atrás",
                "skip": "Saltar esta pregunta",
                "choose_or_skip": "Elija una respuesta o salte esta pregunta.",
                "last": "Esa fue la última pregunta.",
                "mail_subject": "Unas preguntas de su clínica",
                "mail": "Su clínica le pide contestar unas preguntas antes de su próximo contacto:\n\n{address}\n\n"
                "El enlace sirve una sola vez, hasta el {until}. Nadie lee las respuestas de inmediato. Si necesita "
                "ayuda ahora, llame al 988 y oprima 2, envíe AYUDA al 988, o llame al 911.\n",
            }
        ),
    }
)
