//! `reply --on`: the answer goes by another channel of the same person.

use crate::cli::context::Context;
use crate::cli::desk::Desk;
use crate::cli::failure::{Done, Failure};
use crate::cli::providers;
use crate::desk::channels::{Carrier, Way, ways};
use crate::model::query::ConversationDetail;

/// The way that `wanted` names: a channel, or an address of the person.
pub fn find(wanted: &str, detail: &ConversationDetail, context: &Context) -> Done<Way> {
    let carriers: Vec<Carrier> = providers::chosen(&[], context)?
        .into_iter()
        .flat_map(|(account, provider)| {
            let channels = provider.capabilities().channels.into_iter();
            channels.map(move |channel| Carrier {
                account: account.clone(),
                channel,
            })
        })
        .collect();
    let mut conversations = vec![&detail.conversation];
    conversations.extend(&detail.others);
    let all = ways(&detail.contact, &conversations, &carriers, Desk::now());
    let here = &detail.conversation;
    let named: Vec<Way> = all
        .into_iter()
        .filter(|way| {
            way.conversation
                .as_ref()
                .is_none_or(|one| one.id != here.id)
        })
        .filter(|way| way.channel.name() == wanted || way.to.address.eq_ignore_ascii_case(wanted))
        .collect();
    let able: Vec<&Way> = named
        .iter()
        .filter(|way| way.allows.takes_something())
        .collect();
    match (able.as_slice(), named.first()) {
        ([one], _) => Ok((*one).clone()),
        ([], None) => Err(Failure::refused(format!(
            "{} has no {wanted} that is known here",
            here.contact_name
        ))),
        ([], Some(first)) => Err(Failure::refused(first.refuses().unwrap_or_default())),
        (several, _) => {
            let list: Vec<String> = several
                .iter()
                .map(|way| {
                    let account = way.account.as_ref().map_or("", |account| account.as_str());
                    format!("{} {} by {account}", way.channel, way.to.address)
                })
                .collect();
            Err(Failure::refused(format!(
                "{wanted} could be any of these, name the address: {}",
                list.join(", ")
            )))
        }
    }
}
