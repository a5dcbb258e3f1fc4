//! Deciding on the assistant's drafts.

use super::super::action::Action;
use super::super::app::{App, Focus, Place, Waiting};
use super::super::msg::NoticeKind;
use super::super::overlays::{Overlay, Picked, Picker, Purpose};
use super::super::panes::approvals;
use super::super::preflight;
use super::super::writing;
use super::moving::step;
use super::prompt;
use crate::model::{Command, Confidence, Proposal, RejectReason, Verdict};

/// Milliseconds that a draft must have been on the screen before a key can approve it: a held key, a second press or a
/// paste that the terminal sent as keys must not approve what nobody saw.
const LOOK: i64 = 250;

/// The draft under the cursor of the queue has only just come up.
pub fn is_new(app: &App) -> bool {
    let shown = app.approvals.shown;
    app.place == Place::Approvals && shown.is_none_or(|(_, since)| app.now.since(since) < LOOK)
}

pub(super) fn decide(app: &mut App, action: Action) {
    use Action as A;
    let Some((proposal, conversation)) = app.approvals.current().cloned() else {
        match &app.approvals.rows.error {
            Some(error) => app.say(
                NoticeKind::Warning,
                format!("the drafts cannot be read: {error}"),
            ),
            None => app.say(NoticeKind::Info, "no draft waits for a decision"),
        }
        return;
    };
    let card = app.setup.card(&proposal.account, proposal.channel).cloned();
    let hold_ms = card.as_ref().map_or(8_000, |card| card.hold_ms);
    match action {
        A::Approve if app.is_waiting(&Waiting::Decide) => {
            app.say(NoticeKind::Info, "the decision before is still being kept");
        }
        A::Approve if is_new(app) => {
            app.say(
                NoticeKind::Info,
                "another draft has just come up; look at it, then y",
            );
        }
        A::Approve if crate::text::sanitize_block(&proposal.body).hidden > 0 => app.say(
            NoticeKind::Warning,
            "it holds hidden characters; e edits it without them, x rejects it",
        ),
        A::Approve => {
            let area = app.frame().detail;
            let seen =
                area.width > 0 && approvals::is_seen(&app.approvals, &proposal, area, &app.look());
            if !seen {
                app.say(
                    NoticeKind::Warning,
                    "read it to the end first: C-d scrolls, Enter in a narrow screen shows it",
                );
                return;
            }
            let remarks = preflight::of_proposal(app, &proposal, &conversation);
            if let Some(remark) = remarks
                .iter()
                .find(|remark| remark.verdict == Verdict::Block)
            {
                app.say(
                    NoticeKind::Warning,
                    format!("not approved: {}", remark.says),
                );
                return;
            }
            app.act(
                Waiting::Decide,
                Command::Approve {
                    id: proposal.id,
                    hash: proposal.bound_hash(),
                    hold_ms,
                },
            );
        }
        A::EditProposal => writing::edit_proposal(app, &proposal, &conversation),
        A::Reject => {
            let items = RejectReason::ALL
                .iter()
                .map(|reason| {
                    (
                        reason.name().replace('-', " "),
                        String::new(),
                        Picked::Reject(proposal.id, *reason),
                    )
                })
                .collect();
            app.overlays
                .push(Overlay::Picker(Picker::new("reject because", items)));
        }
        A::Redraft => prompt(app, Purpose::Redraft(proposal.id), ""),
        A::Diff => {
            app.approvals.diff = !app.approvals.diff;
            // What became of the earlier one may have changed since it was read.
            app.approvals.before = None;
            app.approvals.down = 0;
        }
        A::Evidence => app.approvals.why = !app.approvals.why,
        A::Skip => {
            app.approvals.skipped.insert(proposal.id);
            step(app, 1);
        }
        A::ApproveMany => {
            let count = app.approvals.marked.len();
            if count == 0 {
                app.say(
                    NoticeKind::Info,
                    "Space marks drafts; then Y approves them together",
                );
            } else {
                prompt(app, Purpose::ApproveCount(count), "");
            }
        }
        A::OpenConversation => {
            app.focus = if app.focus == Focus::Detail {
                Focus::List
            } else {
                Focus::Detail
            };
            app.preview(conversation.id);
        }
        _ => {}
    }
}

/// Approves what is marked, each with its own result, when the number typed is the number marked.
///
/// # Errors
/// Why they cannot go together, in words.
pub fn approve_many(app: &mut App, count: usize, text: &str) -> Result<(), String> {
    if text.parse() != Ok(count) {
        return Err(format!("type {count} to approve them, Esc to leave them"));
    }
    let marked: Vec<_> = app
        .approvals
        .rows
        .items
        .iter()
        .map(|(proposal, _)| proposal)
        .filter(|proposal| app.approvals.marked.contains(&proposal.id))
        .cloned()
        .collect();
    let profile = |proposal: &Proposal| -> Vec<(String, Verdict)> {
        proposal
            .gates
            .iter()
            .map(|gate| (gate.gate.clone(), gate.verdict))
            .collect()
    };
    let risky = marked.iter().any(|proposal| {
        proposal.worst() != Verdict::Pass || proposal.confidence == Confidence::Low
    });
    let alike = marked
        .windows(2)
        .all(|pair| profile(&pair[0]) == profile(&pair[1]));
    let unread = marked
        .iter()
        .filter(|proposal| !app.approvals.seen.contains(&proposal.id))
        .count();
    if risky || !alike {
        return Err("only drafts of the same kind, with the same gates and none of them warning, go together".to_owned());
    }
    if unread > 0 {
        return Err(format!(
            "{unread} of them were not on the screen in full; look at them first"
        ));
    }
    for proposal in marked {
        let hold_ms = app
            .setup
            .card(&proposal.account, proposal.channel)
            .map_or(8_000, |card| card.hold_ms);
        app.act(
            Waiting::Decide,
            Command::Approve {
                id: proposal.id,
                hash: proposal.bound_hash(),
                hold_ms,
            },
        );
    }
    app.approvals.marked.clear();
    Ok(())
}
