//! The customers: names in their own scripts, addresses, languages.

use super::dice::Dice;
use crate::model::{Channel, Party};

/// Which language somebody writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// English.
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Russian.
    Russian,
    /// Arabic.
    Arabic,
    /// Chinese.
    Chinese,
    /// Japanese.
    Japanese,
}

/// One customer.
#[derive(Debug, Clone)]
pub struct Person {
    number: u64,
    /// As they write their name.
    pub name: String,
    /// What they write.
    pub tongue: Tongue,
}

const TONGUES: [(u64, Tongue, &[&str], &[&str]); 8] = [
    (
        44,
        Tongue::English,
        &[
            "Ana", "James", "Olivia", "Noah", "Grace", "Liam", "Ruth", "Owen", "Priya", "Marcus",
            "Chloe", "Isaac",
        ],
        &[
            "Petrova", "Walker", "Nguyen", "O'Brien", "Carter", "Singh", "Hughes", "Bennett",
            "Okafor", "Reid", "Stone", "Fletcher",
        ],
    ),
    (
        16,
        Tongue::German,
        &[
            "Jörg", "Käthe", "Lukas", "Sabine", "Jürgen", "Miriam", "Anton", "Frieda",
        ],
        &[
            "Müller", "Schäfer", "Weiß", "Hoffmann", "Krüger", "Vogel", "Brandt", "Groß",
        ],
    ),
    (
        9,
        Tongue::French,
        &["Zoé", "François", "Hélène", "Théo", "Élodie", "Benoît"],
        &["Lefèvre", "Dubois", "Gérard", "Moreau", "Châtelain", "Roux"],
    ),
    (
        9,
        Tongue::Spanish,
        &["José", "Lucía", "Íñigo", "Sofía", "Andrés", "Begoña"],
        &["Núñez", "García", "Muñoz", "Ibáñez", "Peña", "Castro"],
    ),
    (
        9,
        Tongue::Russian,
        &["Анна", "Дмитрий", "Ольга", "Сергей", "Мария", "Иван"],
        &[
            "Иванова",
            "Кузнецов",
            "Смирнова",
            "Волков",
            "Соколова",
            "Попов",
        ],
    ),
    (
        5,
        Tongue::Arabic,
        &["ليلى", "محمد", "فاطمة", "يوسف", "مريم"],
        &["الحسن", "خليل", "منصور", "حداد", "سالم"],
    ),
    (
        4,
        Tongue::Chinese,
        &["伟", "芳", "娜", "秀英", "敏", "静"],
        &["王", "李", "张", "刘", "陈", "杨"],
    ),
    (
        4,
        Tongue::Japanese,
        &["さくら", "陽菜", "健太", "大輔", "美咲"],
        &["佐藤", "鈴木", "高橋", "田中", "渡辺"],
    ),
];

/// The customer of that number.
pub fn person(seed: u64, number: u64) -> Person {
    let mut dice = Dice::new(seed, 6, number, 0);
    let mut drawn = dice.between(0, 100) as u64;
    let mut chosen = &TONGUES[0];
    for of in &TONGUES {
        if drawn < of.0 {
            chosen = of;
            break;
        }
        drawn -= of.0;
    }
    let (_, tongue, given, family) = chosen;
    let given = dice.any(given).unwrap_or_default();
    let family = dice.any(family).unwrap_or_default();
    let name = match tongue {
        Tongue::Chinese => format!("{family}{given}"),
        Tongue::Japanese => format!("{family} {given}"),
        _ => format!("{given} {family}"),
    };
    Person {
        number,
        name,
        tongue: *tongue,
    }
}

impl Person {
    /// Where they are on a channel.
    pub fn party(&self, channel: Channel) -> Party {
        let number = self.number & 0xffff_ffff;
        match channel {
            Channel::Email => {
                let host = ["mail.example", "post.example", "inbox.example"][(number % 3) as usize];
                Party::named(format!("customer{number}@{host}"), self.name.clone())
            }
            Channel::Sms | Channel::Voice => Party::new(format!("+4915{:09}", number + 1)),
            Channel::Whatsapp => Party::named(format!("+4917{:09}", number + 1), self.name.clone()),
            _ => Party::named(format!("{}", 7_000_000_000 + number), self.name.clone()),
        }
    }
}
