//! Numbers, amounts, dates and times in a text: what a draft may only say if its evidence says it.

use crate::text::fold::fold;

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FigureKind {
    /// An amount of money.
    Money,
    /// A percentage.
    Percent,
    /// A date or a day.
    Date,
    /// A time of day or a span of time.
    Time,
    /// Any other number.
    Number,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Figure {
    /// What it is.
    pub kind: FigureKind,
    /// As written.
    pub text: String,
    /// In one form for all scripts and ways to write: `1,200.00` and `१२००` are both `1200`.
    pub value: String,
}

const MONEY: [&str; 34] = [
    "$",
    "€",
    "£",
    "₹",
    "¥",
    "rs",
    "rs.",
    "inr",
    "usd",
    "eur",
    "gbp",
    "sek",
    "jpy",
    "kr",
    "円",
    "rupee",
    "rupees",
    "dollar",
    "dollars",
    "euro",
    "euros",
    "pounds",
    "रुपये",
    "रुपए",
    "रु",
    "ريال",
    "درهم",
    "دولار",
    "يورو",
    "روبية",
    "peso",
    "pesos",
    "cents",
    "dólares",
];

const SPANS: [&str; 44] = [
    "minute",
    "minutes",
    "min",
    "mins",
    "hour",
    "hours",
    "hrs",
    "h",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "working",
    "minuto",
    "minutos",
    "hora",
    "horas",
    "día",
    "días",
    "dias",
    "semana",
    "semanas",
    "meses",
    "मिनट",
    "घंटे",
    "घंटा",
    "दिन",
    "दिनों",
    "دقيقة",
    "دقائق",
    "ساعة",
    "ساعات",
    "يوم",
    "أيام",
    "分",
    "時間",
    "日",
    "am",
    "pm",
    "uhr",
];

const DAYS: [&str; 78] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mondays",
    "tuesdays",
    "wednesdays",
    "thursdays",
    "fridays",
    "saturdays",
    "sundays",
    "today",
    "tomorrow",
    "tonight",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "lunes",
    "martes",
    "miércoles",
    "jueves",
    "viernes",
    "sábado",
    "domingo",
    "hoy",
    "mañana",
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
    "सोमवार",
    "मंगलवार",
    "बुधवार",
    "गुरुवार",
    "शुक्रवार",
    "शनिवार",
    "रविवार",
    "आज",
    "कल",
    "الاثنين",
    "الثلاثاء",
    "الأربعاء",
    "الخميس",
    "الجمعة",
    "السبت",
    "الأحد",
    "اليوم",
    "غدا",
    "غدًا",
    "今日",
    "明日",
    "月曜",
    "火曜",
    "水曜",
    "木曜",
    "金曜",
    "土曜",
    "日曜",
    "本日",
];

/// Every figure of a text, in order.
pub fn figures(text: &str) -> Vec<Figure> {
    let folded = fold(text);
    let text: &str = &folded;
    let mut out = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if digit(c).is_some() {
            let mut end = start + c.len_utf8();
            while let Some(&(at, next)) = chars.peek() {
                let inside = digit(next).is_some()
                    || (matches!(next, ',' | '.' | ':' | '/' | '-' | '٫' | '٬')
                        && text[at + next.len_utf8()..]
                            .chars()
                            .next()
                            .is_some_and(|after| digit(after).is_some()));
                if !inside {
                    break;
                }
                end = at + next.len_utf8();
                chars.next();
            }
            out.push(number(text, start, end));
        }
    }
    let lower = text.to_lowercase();
    for word in lower.split(|c: char| {
        !c.is_alphanumeric() && !matches!(u32::from(c), 0x0900..=0x097F | 0x064B..=0x0652)
    }) {
        if DAYS.contains(&word) {
            out.push(Figure {
                kind: FigureKind::Date,
                text: word.to_owned(),
                value: word.trim_end_matches('s').to_owned(),
            });
        } else if word.chars().any(|c| u32::from(c) >= 0x3040) {
            for day in DAYS
                .iter()
                .filter(|day| u32::from(day.chars().next().unwrap_or(' ')) >= 0x3040)
            {
                if word.contains(day) {
                    out.push(Figure {
                        kind: FigureKind::Date,
                        text: (*day).to_owned(),
                        value: (*day).to_owned(),
                    });
                }
            }
        }
    }
    out
}

/// The value of a decimal digit of the scripts that customers use.
fn digit(c: char) -> Option<u32> {
    let base = match u32::from(c) {
        0x30..=0x39 => 0x30,
        0x0660..=0x0669 => 0x0660,
        0x06F0..=0x06F9 => 0x06F0,
        0x0966..=0x096F => 0x0966,
        0xFF10..=0xFF19 => 0xFF10,
        _ => return None,
    };
    Some(u32::from(c) - base)
}

fn number(text: &str, start: usize, end: usize) -> Figure {
    let written = &text[start..end];
    let before = text[..start].trim_end();
    let after = text[end..].trim_start();
    let word_before = last_word(before).to_lowercase();
    let word_after = first_word(after).to_lowercase();
    let money = |word: &str| MONEY.contains(&word);
    let parts = written.split(['/', '-']).count();
    let kind = if after.starts_with(['%', '٪', '％']) || word_after == "percent" {
        FigureKind::Percent
    } else if money(&word_before)
        || money(&word_after)
        || before.ends_with(['$', '€', '£', '₹', '¥'])
        || after.starts_with(['$', '€', '£', '₹', '円'])
    {
        FigureKind::Money
    } else if parts == 3 {
        FigureKind::Date
    } else if written.contains(':')
        || SPANS.contains(&word_after.as_str())
        || ["分", "時", "日"]
            .iter()
            .any(|unit| after.starts_with(unit))
    {
        FigureKind::Time
    } else if DAYS.contains(&word_before.as_str()) || DAYS.contains(&word_after.as_str()) {
        FigureKind::Date
    } else {
        FigureKind::Number
    };
    Figure {
        kind,
        text: written.to_owned(),
        value: value(written),
    }
}

fn last_word(text: &str) -> &str {
    let start = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_alphanumeric() || *c == '.')
        .last()
        .map_or(text.len(), |(at, _)| at);
    &text[start..]
}

fn first_word(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_alphanumeric() && !matches!(u32::from(c), 0x0900..=0x097F))
        .unwrap_or(text.len());
    &text[..end]
}

/// Digits in ASCII, without marks of thousands, without needless zeros of decimals.
fn value(written: &str) -> String {
    let mut out: String = written
        .chars()
        .map(|c| match digit(c) {
            Some(value) => char::from_digit(value, 10).unwrap_or('0'),
            None if c == '٫' => '.',
            None if c == '٬' => ',',
            None => c,
        })
        .collect();
    // `1,200` and `1.200` are thousands; `4.50` and `4,5` are not.
    let groups: Vec<&str> = out.split([',', '.']).collect();
    if groups.len() > 1
        && groups[1..]
            .iter()
            .all(|group| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit()))
    {
        return groups.concat();
    }
    if let Some(at) = out.rfind([',', '.']) {
        let decimals = out[at + 1..].trim_end_matches('0').to_owned();
        let whole: String = out[..at].chars().filter(|c| *c != ',').collect();
        out = if decimals.is_empty() {
            whole
        } else {
            format!("{whole}.{decimals}")
        };
    }
    out
}

/// The amount of a figure as a number, where it is one.
pub fn amount(figure: &Figure) -> Option<f64> {
    figure.value.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn show(text: &str) -> Vec<String> {
        figures(text)
            .iter()
            .map(|figure| format!("{:?} {}", figure.kind, figure.value))
            .collect()
    }

    #[test]
    fn figures_of_many_kinds() {
        for (text, want) in [
            ("It costs $1,200.00 today", vec!["Money 1200", "Date today"]),
            ("Rs. 499 only", vec!["Money 499"]),
            ("₹४९९ या 30 मिनट", vec!["Money 499", "Time 30"]),
            (
                "20% off until 2026-12-24",
                vec!["Percent 20", "Date 2026-12-24"],
            ),
            (
                "from 09:00 to 14:00 on Saturdays",
                vec!["Time 09:00", "Time 14:00", "Date saturday"],
            ),
            ("within 5 working days", vec!["Time 5"]),
            ("invoice 4410", vec!["Number 4410"]),
            ("4時間前、明日", vec!["Time 4", "Date 明日"]),
            ("٤ ساعات", vec!["Time 4"]),
            ("4,50 €", vec!["Money 4.5"]),
            ("no figures", vec![]),
        ] {
            assert_eq!(show(text), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "\\PC{0,60}") {
            for figure in figures(&text) {
                prop_assert!(!figure.value.is_empty());
            }
        }

        #[test]
        fn every_number_is_seen(n in 0u32..1_000_000, around in "[a-z ]{0,10}") {
            let text = format!("{around} {n} {around}");
            prop_assert!(figures(&text).iter().any(|figure| figure.value == n.to_string()));
        }
    }
}
