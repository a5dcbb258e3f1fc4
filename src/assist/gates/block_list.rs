//! Matters that only a person may answer: law, injuries, threats, secrets, self-harm. Emergencies are warned about.

use super::{GateInput, flat, holds, result};
use crate::model::{GateResult, Verdict};

const VERSION: u32 = 1;

/// What people call a matter, and the words by which it is known in English, Spanish, Hindi, Arabic and Japanese.
/// Phrases rather than words where a word alone is innocent ("Sue", "bomba de agua").
const BLOCKED: [(&str, &[&str]); 5] = [
    (
        "a legal matter",
        &[
            "lawyer",
            "lawyers",
            "attorney",
            "lawsuit",
            "legal action",
            "take you to court",
            "see you in court",
            "sue you",
            "will sue",
            "going to sue",
            "solicitor",
            "consumer court",
            "small claims",
            "police report",
            "gdpr request",
            "abogado",
            "abogada",
            "demanda judicial",
            "denunciar",
            "denuncia",
            "tribunales",
            "acciones legales",
            "वकील",
            "कानूनी",
            "अदालत",
            "मुकदमा",
            "कोर्ट",
            "पुलिस",
            "محامي",
            "محامٍ",
            "المحامي",
            "المحكمة",
            "دعوى",
            "قضائية",
            "弁護士",
            "訴訟",
            "裁判",
            "法的",
            "訴え",
        ],
    ),
    (
        "an injury or illness",
        &[
            "hospital",
            "injured",
            "injury",
            "ambulance",
            "electric shock",
            "electrocuted",
            "got burned",
            "got burnt",
            "bleeding",
            "unconscious",
            "can't breathe",
            "cannot breathe",
            "carbon monoxide",
            "allergic reaction",
            "herido",
            "herida",
            "lesión",
            "quemaduras",
            "descarga eléctrica",
            "ambulancia",
            "अस्पताल",
            "घायल",
            "चोट",
            "करंट लगा",
            "जल गया",
            "एम्बुलेंस",
            "مستشفى",
            "المستشفى",
            "إصابة",
            "حروق",
            "صعقة",
            "إسعاف",
            "病院",
            "怪我",
            "けが",
            "火傷",
            "やけど",
            "感電",
            "救急車",
        ],
    ),
    (
        "a threat",
        &[
            "kill you",
            "kill him",
            "kill her",
            "kill them",
            "hurt you",
            "beat you up",
            "burn your",
            "burn down",
            "you will regret",
            "you'll regret",
            "i know where you",
            "bomb threat",
            "plant a bomb",
            "te voy a matar",
            "los voy a matar",
            "te mato",
            "te vas a arrepentir",
            "मार दूंगा",
            "मार डालूंगा",
            "जान से मार",
            "धमकी",
            "سأقتل",
            "اقتلك",
            "أقتلك",
            "ستندم",
            "殺す",
            "殺して",
            "殺してやる",
            "爆破",
            "覚えておけ",
        ],
    ),
    (
        "a password, code or card number",
        &[
            "password",
            "passcode",
            "one-time code",
            "one time code",
            "otp",
            "cvv",
            "cvc",
            "pin code",
            "security code",
            "api key",
            "private key",
            "contraseña",
            "código de verificación",
            "código de seguridad",
            "पासवर्ड",
            "ओटीपी",
            "पिन कोड",
            "كلمة السر",
            "كلمة المرور",
            "رمز التحقق",
            "パスワード",
            "暗証番号",
            "認証コード",
        ],
    ),
    (
        "self-harm",
        &[
            "kill myself",
            "suicide",
            "suicidal",
            "end my life",
            "want to die",
            "hurt myself",
            "harm myself",
            "no reason to live",
            "suicidio",
            "suicidarme",
            "quitarme la vida",
            "no quiero vivir",
            "matarme",
            "आत्महत्या",
            "मरना चाहता",
            "मरना चाहती",
            "जीना नहीं चाहता",
            "انتحار",
            "الانتحار",
            "أنهي حياتي",
            "أريد أن أموت",
            "自殺",
            "死にたい",
            "消えたい",
        ],
    ),
];

/// Emergencies: the draft may help, and somebody should be paged.
const EMERGENCY: [&str; 24] = [
    "gas leak",
    "smell gas",
    "smell of gas",
    "gas smell",
    "smells of gas",
    "on fire",
    "caught fire",
    "smoke coming",
    "flooding",
    "fuga de gas",
    "huele a gas",
    "olor a gas",
    "incendio",
    "गैस लीक",
    "गैस की गंध",
    "गैस की बदबू",
    "आग लग",
    "تسرب غاز",
    "رائحة غاز",
    "حريق",
    "ガス漏れ",
    "ガス臭",
    "火事",
    "煙が出",
];

pub(super) fn check(input: &GateInput<'_>) -> GateResult {
    let question = flat(input.question);
    let draft = flat(input.draft);
    let in_either = |phrase: &str| holds(&question, phrase) || holds(&draft, phrase);
    for (matter, phrases) in BLOCKED {
        if let Some(phrase) = phrases.iter().find(|phrase| in_either(&flat(phrase))) {
            return result(
                "block-list",
                VERSION,
                Verdict::Block,
                format!("This is about {matter} (\"{phrase}\"); a person must write the answer."),
            );
        }
    }
    if has_card_number(&question) || has_card_number(&draft) {
        return result(
            "block-list",
            VERSION,
            Verdict::Block,
            "There is a card number in it; a person must write the answer.",
        );
    }
    let more = input
        .settings
        .block_words
        .iter()
        .find(|word| !word.trim().is_empty() && in_either(&flat(word)));
    if let Some(word) = more {
        return result(
            "block-list",
            VERSION,
            Verdict::Block,
            format!("\"{word}\" is on the configured block list; a person must write the answer."),
        );
    }
    if let Some(phrase) = EMERGENCY.iter().find(|phrase| in_either(&flat(phrase))) {
        return result(
            "block-list",
            VERSION,
            Verdict::Warn,
            format!("This may be an emergency (\"{phrase}\"); consider paging somebody."),
        );
    }
    result("block-list", VERSION, Verdict::Pass, "No blocked matter.")
}

/// Thirteen to nineteen digits, possibly in groups, that pass the check of card numbers.
fn has_card_number(text: &str) -> bool {
    let mut digits: Vec<u32> = Vec::new();
    let mut gap = 0;
    for c in text.chars().chain(['.']) {
        if let Some(digit) = c.to_digit(10) {
            digits.push(digit);
            gap = 0;
        } else if matches!(c, ' ' | '-') && gap == 0 && !digits.is_empty() {
            gap = 1;
        } else {
            if (13..=19).contains(&digits.len()) && luhn(&digits) {
                return true;
            }
            digits.clear();
            gap = 0;
        }
    }
    false
}

fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit > 0)
}
