//! A page to somebody whom only an account knows.

use crate::desk::{find, outbox, sit};

#[test]
fn whom_the_telephone_system_knows_is_paged_by_mail() {
    let home = tempfile::tempdir().unwrap();
    let robot = sit(home.path(), (120, 36));
    find(&robot, "channel:whatsapp still coming");
    robot.press("^");
    let screen = robot.screen();
    assert!(screen.contains("tom  on the roster"), "{screen}");
    assert!(
        screen.contains("signe-holm  of voice · Signe Holm · 104"),
        "{screen}"
    );
    robot.press("work<Enter>");
    assert!(
        robot
            .status()
            .contains("no mail address is known of workshop"),
        "{}",
        robot.screen()
    );
    robot
        .press("^")
        .press("signe<Enter>")
        .press("gas smell again<Enter>");
    assert!(robot.status().contains("signe-holm"), "{}", robot.screen());
    // By name as well, and a name that nobody has says which there are.
    robot.press(":escalate signe-hol it hisses<Enter>");
    robot
        .sees("did you mean `signe-holm`")
        .sees("There is raj, tom, signe-holm");
    robot.press("<C-u>escalate signe-holm it hisses<Enter>");
    robot.press("gp").sees("it hisses");
    let screen = robot.screen();
    assert!(screen.contains("signe-holm"), "{screen}");
    assert!(screen.contains("gas smell again"), "{screen}");
    robot.press("gi").hammer("q").hammer("y");
    robot.ends().result.unwrap();
    let rows = outbox(home.path());
    assert!(
        rows.iter()
            .any(|(text, _)| text.contains("gas smell again")),
        "{rows:?}"
    );
}
