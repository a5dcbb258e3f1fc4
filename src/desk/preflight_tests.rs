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
        files: FileRules::default(),
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

#[test]
fn a_text_and_its_file_are_one_message_or_none() {
    use Verdict::{Block, Pass};
    let ana = to("+15550001111");
    let rules = FileRules {
        most: Some(1),
        pictures: Some(2),
        text: TextWithFiles::Below {
            limit: 11,
            but: &["audio/ogg"],
        },
    };
    let of = |mime: &str| OutgoingAttachment {
        mime: mime.to_owned(),
        ..file(1)
    };
    let (paper, sound, picture) = (of("application/pdf"), of("audio/ogg"), of("image/png"));
    let base = Preflight {
        channel: Channel::Whatsapp,
        has_subject: false,
        files: rules,
        ..fine(&ana)
    };
    let apart = FileRules {
        text: TextWithFiles::Apart,
        ..rules
    };
    let said = |files: &[OutgoingAttachment], body: &str, rules: FileRules| {
        let p = Preflight {
            attachments: files,
            body,
            files: rules,
            ..base
        };
        let mut all = names(&p);
        all.retain(|(check, _)| *check == "caption");
        all.pop().map(|(_, verdict)| verdict)
    };
    let table = [
        (vec![], "Twelve chars", rules, None),
        (vec![paper.clone()], "Eleven char", rules, Some(Pass)),
        (vec![paper.clone()], "Twelve chars", rules, Some(Block)),
        (vec![paper.clone()], "", rules, None),
        (vec![paper.clone(), paper.clone()], "", rules, Some(Block)),
        (vec![picture.clone(), picture.clone()], "", rules, None),
        (vec![picture.clone(), paper.clone()], "", rules, Some(Block)),
        (vec![sound.clone()], "", rules, None),
        (vec![sound], "Listen", rules, Some(Block)),
        (vec![paper.clone()], "See it", apart, Some(Block)),
        (vec![paper.clone()], "", apart, None),
        (vec![paper], "See it", FileRules::default(), None),
    ];
    for (files, body, rules, wanted) in table {
        assert_eq!(said(&files, body, rules), wanted, "{files:?} {body}");
    }
}
