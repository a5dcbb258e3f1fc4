//! STOP, START and HELP: the words by which a person leaves, returns and asks, on channels like SMS.

use crate::model::Channel;

/// What a message of one of these words means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// No more messages, please.
    Stop,
    /// Messages are welcome again.
    Start,
    /// Who is this, and how do I leave?
    Help,
}

const STOP: [&str; 41] = [
    // English, as carriers read it.
    "stop",
    "stopall",
    "stop all",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "revoke",
    "optout",
    "opt out",
    "opt-out",
    // Spanish, Portuguese, French, Italian, German, Dutch, Swedish.
    "alto",
    "parar",
    "pare",
    "baja",
    "detener",
    "cancelar",
    "sair",
    "arret",
    "arrêt",
    "arrêter",
    "stopp",
    "ferma",
    "basta",
    "abmelden",
    "afmelden",
    "avsluta",
    // Hindi.
    "रोकें",
    "रोको",
    "बंद",
    "बंद करो",
    "बंद करें",
    // Arabic.
    "إيقاف",
    "ايقاف",
    "توقف",
    "قف",
    "إلغاء",
    "الغاء",
    // Japanese.
    "停止",
    "配信停止",
    "解除",
];

const START: [&str; 15] = [
    "start",
    "unstop",
    "resume",
    "subscribe",
    "optin",
    "opt in",
    "opt-in",
    "empezar",
    "alta",
    "começar",
    "démarrer",
    "शुरू",
    "ابدأ",
    "再開",
    "開始",
];

const HELP: [&str; 12] = [
    "help",
    "info",
    "ayuda",
    "ajuda",
    "aide",
    "aiuto",
    "hilfe",
    "hulp",
    "मदद",
    "सहायता",
    "مساعدة",
    "ヘルプ",
];

/// Channels on which these words count as commands.
pub fn applies(channel: Channel) -> bool {
    matches!(channel, Channel::Sms | Channel::Whatsapp)
}

/// The command that a whole message is. A word within a sentence is none: "please stop by at five" opts nobody out.
///
/// `opted_out` says that the person has left: only then does a bare "yes" bring them back.
pub fn keyword(channel: Channel, body: &str, opted_out: bool) -> Option<Keyword> {
    // Longer ones are sentences; this also bounds the work on a hostile body.
    if !applies(channel) || body.len() > 200 {
        return None;
    }
    let words: Vec<&str> = body
        .split(|c: char| c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    let said = words.join(" ").to_lowercase();
    let said = said.trim_matches(|c: char| {
        c.is_ascii_punctuation()
            || matches!(
                c,
                '。' | '！' | '「' | '」' | '।' | '؟' | '¡' | '’' | '“' | '”'
            )
    });
    if STOP.contains(&said) {
        Some(Keyword::Stop)
    } else if START.contains(&said)
        || (opted_out && ["yes", "sí", "si", "हाँ", "نعم", "はい"].contains(&said))
    {
        Some(Keyword::Start)
    } else if HELP.contains(&said) {
        Some(Keyword::Help)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_messages_only() {
        use Keyword::{Help, Start, Stop};
        for (body, want) in [
            ("STOP", Some(Stop)),
            (" stop.\n", Some(Stop)),
            ("\"Stop\"", Some(Stop)),
            ("Stop   all", Some(Stop)),
            ("ALTO", Some(Stop)),
            ("बंद करो।", Some(Stop)),
            ("إيقاف", Some(Stop)),
            ("配信停止。", Some(Stop)),
            ("UNSTOP", Some(Start)),
            ("Help!", Some(Help)),
            ("مساعدة؟", Some(Help)),
            ("please stop by at five", None),
            ("stop it", None),
            ("don't stop", None),
            ("yes", None),
            ("", None),
            ("...", None),
        ] {
            assert_eq!(keyword(Channel::Sms, body, false), want, "{body}");
        }
    }

    #[test]
    fn yes_returns_only_those_who_left_and_mail_has_no_words() {
        assert_eq!(keyword(Channel::Sms, "Yes", true), Some(Keyword::Start));
        assert_eq!(keyword(Channel::Email, "STOP", false), None);
        assert_eq!(
            keyword(Channel::Whatsapp, "stop", false),
            Some(Keyword::Stop)
        );
        assert_eq!(keyword(Channel::Sms, &"stop ".repeat(100_000), false), None);
    }

    #[test]
    fn no_word_means_two_things() {
        for word in STOP {
            assert_eq!(
                keyword(Channel::Sms, word, false),
                Some(Keyword::Stop),
                "{word}"
            );
        }
        for word in START {
            assert_eq!(
                keyword(Channel::Sms, word, false),
                Some(Keyword::Start),
                "{word}"
            );
        }
        for word in HELP {
            assert_eq!(
                keyword(Channel::Sms, word, false),
                Some(Keyword::Help),
                "{word}"
            );
        }
    }
}
