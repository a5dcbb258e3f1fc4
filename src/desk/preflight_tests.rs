use super::*;
use crate::model::Party;

const T: Timestamp = Timestamp(1_000_000);

fn to(address: &str) -> Recipients {
    Recipients {
        to: vec![Party::new(address)],
        ..Recipients::default()
    }
}

fn file(size: u64) -> OutgoingAttachment {
    OutgoingAttachment {
        name: "a.pdf".to_owned(),
        mime: "application/pdf".to_owned(),
        size,
        sha256: "00".to_owned(),
        path: "a.pdf".into(),
    }
}

fn fine(recipients: &Recipients) -> Preflight<'_> {
    Preflight {
        channel: Channel::Email,
        recipients,
        known: None,
        opted_out: &[],
        subject: "Re: AC",
        has_subject: true,
        body: "On our way.",
        text_limit: None,
        attachments: &[],
        attachment_limit: 10_000_000,
        window: ReplyWindow::None,
        templates: false,
        template: None,
        leaves_at: T,
        last_outbound: None,
        account: Some(AccountState::Ok),
    }
}

fn names(p: &Preflight<'_>) -> Vec<(&'static str, Verdict)> {
    let remarks = run(p);
    assert_eq!(
        may_go(&remarks),
        remarks.iter().all(|r| r.verdict < Verdict::Block)
    );
    remarks.iter().map(|r| (r.check, r.verdict)).collect()
}

#[test]
fn each_check_says_its_own() {
    use Verdict::{Block, Warn};
    let ana = to("ana@example.org");
    let nobody = to(" ");
    let base = fine(&ana);
    assert_eq!(names(&base), []);
    let out = ["ANA@example.org".to_owned()];
    let known = ["raj@example.org".to_owned()];
    let small = [file(8_000_000)];
    let big: [OutgoingAttachment; 2] = [file(4_000_000), file(4_000_000)];
    for (p, want) in [
        (
            Preflight {
                recipients: &nobody,
                ..base
            },
            ("no-recipient", Block),
        ),
        (
            Preflight {
                opted_out: &out,
                ..base
            },
            ("opted-out", Block),
        ),
        (
            Preflight {
                window: ReplyWindow::Closed { at: T },
                ..base
            },
            ("window", Block),
        ),
        (
            Preflight {
                window: ReplyWindow::Open { closes_at: T },
                ..base
            },
            ("window", Block),
        ),
        (
            Preflight {
                body: " \n",
                ..base
            },
            ("empty", Block),
        ),
        (
            Preflight {
                body: "",
                attachments: &big[..1],
                ..base
            },
            ("empty", Warn),
        ),
        (
            Preflight {
                text_limit: Some(10),
                ..base
            },
            ("too-long", Block),
        ),
        (
            Preflight {
                body: "Hi {{contact.first_name}}",
                ..base
            },
            ("placeholder", Block),
        ),
        (
            Preflight {
                attachments: &small,
                ..base
            },
            ("attachments", Block),
        ),
        (
            Preflight {
                attachments: &big,
                ..base
            },
            ("attachments", Block),
        ),
        (
            Preflight {
                attachments: &big[..1],
                attachment_limit: 0,
                ..base
            },
            ("attachments", Block),
        ),
        (
            Preflight {
                account: Some(AccountState::Broken),
                ..base
            },
            ("account", Warn),
        ),
        (
            Preflight {
                account: Some(AccountState::Paused),
                ..base
            },
            ("account", Warn),
        ),
        (
            Preflight {
                known: Some(&known),
                ..base
            },
            ("new-recipient", Warn),
        ),
        (
            Preflight {
                last_outbound: Some(("On our\nway.", T - 5)),
                ..base
            },
            ("same-text", Warn),
        ),
        (
            Preflight {
                subject: "",
                ..base
            },
            ("no-subject", Warn),
        ),
        (
            Preflight {
                body: "See the Attached file",
                ..base
            },
            ("forgotten-file", Warn),
        ),
        (
            Preflight {
                body: "請參閱附件",
                ..base
            },
            ("forgotten-file", Warn),
        ),
    ] {
        assert_eq!(names(&p), [want], "{}", p.body);
    }
}

#[test]
fn what_is_fine_is_not_remarked_on() {
    let ana = to("ana@example.org");
    let base = fine(&ana);
    let known = ["Ana@example.org".to_owned()];
    for p in [
        Preflight {
            known: Some(&known),
            ..base
        },
        Preflight {
            window: ReplyWindow::Open { closes_at: T + 1 },
            ..base
        },
        Preflight {
            text_limit: Some(11),
            ..base
        },
        Preflight {
            last_outbound: Some(("On our way.", T - DAY)),
            ..base
        },
        Preflight {
            has_subject: false,
            subject: "",
            ..base
        },
        Preflight {
            body: "Thanks\n> see attached",
            ..base
        },
        Preflight {
            body: "use {{ a b }} or {{}} {{",
            ..base
        },
    ] {
        assert_eq!(names(&p), [], "{}", p.body);
    }
    let sms = Preflight {
        channel: Channel::Sms,
        attachment_limit: 8_000_000,
        ..base
    };
    assert_eq!(
        names(&Preflight {
            attachments: &[file(8_000_000)],
            ..sms
        }),
        []
    );
}

#[test]
fn the_worst_comes_first() {
    let nobody = to("");
    let p = Preflight {
        subject: "",
        ..fine(&nobody)
    };
    assert_eq!(names(&p)[0].1, Verdict::Block);
    assert_eq!(names(&p)[1].1, Verdict::Warn);
}
