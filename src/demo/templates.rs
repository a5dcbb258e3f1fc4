//! The texts that WhatsApp approved for the invented company.

use crate::model::{Channel, FilledTemplate, Place, Template, TemplateStatus};
use crate::providers::ProviderError;

/// Channels of a demo account that take templates.
pub fn channels(channel: Channel) -> Vec<Channel> {
    channel
        .takes_templates()
        .then_some(channel)
        .into_iter()
        .collect()
}

/// Name, language, category, status, text, examples by place.
type Written = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const ALL: [Written; 5] = [
    (
        "visit_confirmed",
        "en",
        "UTILITY",
        "APPROVED",
        "Hello {{first_name}}, your technician comes on {{day}} between {{hours}}. Write back if that does not suit you.\n\
         Lindqvist Home Services",
        &[
            ("first_name", "Ana"),
            ("day", "Friday"),
            ("hours", "9 and 11"),
        ],
    ),
    (
        "visit_confirmed",
        "es",
        "UTILITY",
        "APPROVED",
        "Hola {{first_name}}, su técnico viene el {{day}} entre las {{hours}}. Escríbanos si no le conviene.\n\
         Lindqvist Home Services",
        &[
            ("first_name", "Ana"),
            ("day", "viernes"),
            ("hours", "9 y las 11"),
        ],
    ),
    (
        "still_needed",
        "en",
        "UTILITY",
        "APPROVED",
        "Hello {{first_name}}, you asked us about {{matter}}. Do you still need help? A short answer is enough, and we go on.",
        &[("first_name", "Ana"), ("matter", "your heater")],
    ),
    (
        "invoice_ready",
        "en",
        "UTILITY",
        "APPROVED",
        "Your invoice {{1}} over {{2}} is ready.\n[See the invoice]",
        &[("1", "4410"), ("2", "120 EUR")],
    ),
    (
        "autumn_offer",
        "en",
        "MARKETING",
        "PENDING",
        "Hello {{first_name}}, your heater's check costs {{price}} until November.",
        &[("first_name", "Ana"), ("price", "49 EUR")],
    ),
];

/// All of them.
pub fn templates() -> Vec<Template> {
    let one = |(name, language, category, status, body, places): Written| Template {
        id: name.to_owned(),
        name: name.to_owned(),
        language: language.to_owned(),
        channel: Channel::Whatsapp,
        category: category.to_owned(),
        status: match status {
            "APPROVED" => TemplateStatus::Approved,
            other => TemplateStatus::Other(other.to_owned()),
        },
        body: body.to_owned(),
        places: places
            .iter()
            .map(|(name, example)| Place {
                name: (*name).to_owned(),
                example: Some((*example).to_owned()),
            })
            .collect(),
    };
    ALL.into_iter().map(one).collect()
}

/// Refuses what the vendor would: a template that is none, or other words than it has.
pub fn check(filled: &FilledTemplate, body: &str) -> Result<(), ProviderError> {
    let known = templates();
    let same = |one: &&Template| one.id == filled.id && one.language == filled.language;
    match known.iter().find(same) {
        Some(one) if one.refuses(&filled.values).is_none() && one.fill(&filled.values) == body => {
            Ok(())
        }
        _ => Err(ProviderError::Rejected {
            reason: "there is no such template".to_owned(),
            permanent: true,
        }),
    }
}
