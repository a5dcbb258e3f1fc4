//! A wrong configuration says file, line, column, caret and what is allowed, and everything else still loads.

use frontdesk::config::{Config, Level, Paths, Problem, load_text};
use std::path::Path;

fn load(text: &str) -> (Config, Vec<Problem>) {
    load_text(
        text,
        Path::new("config.toml"),
        &Paths::below(Path::new("/home/nina")),
    )
}

fn rendered(text: &str) -> String {
    let problems: Vec<String> = load(text).1.iter().map(ToString::to_string).collect();
    problems.join("\n")
}

const ACCOUNT: &str = r#"
[accounts.good]
provider = "email"
address = "a@b.test"
[accounts.good.imap]
host = "imap.b.test"
password = { env = "P" }
"#;

#[test]
fn one_of_each() {
    let text = r#"
me = "nina smith"
thme = "dark"
mouse = "yes"
sort = "latest"
timezone = "Europe/Lisbn"
agents = ["raj", "a b"]

[commands]
opener = "xdg-open -n"

[accounts."a/b"]
provider = "email"

[accounts.short]
provider = "email"

[accounts.telegraph]
provider = "telegraph"

[accounts.slip]
provider = "email"
address = "a@b.test"
histroy_days = 3
[accounts.slip.imap]
host = "imap.b.test"
password = { env = "P" }

[accounts.secret]
provider = "email"
address = "a@b.test"
[accounts.secret.imap]
host = "imap.b.test"
password = 12345

[accounts.plain]
provider = "email"
address = "a@b.test"
[accounts.plain.imap]
host = "imap.b.test"
password = "hunter2"

[desk]
hold = { second = 3 }
hours = { mon = "9-25" }
rules = [{ name = "a" }, { nam = "b" }]

[desk.macros]
fine = { steps = [{ resolve = true }] }
wrong = { steps = [{ explode = true }] }

[[roster]]
name = "raj"
email = "raj@b.test"

[[roster]]
name = "raj"
email = "raj@b.test"

[[roster]]
name = "ana"
"#;
    let shown = rendered(text);
    assert!(
        !shown.contains("hunter2") && !shown.contains("12345"),
        "{shown}"
    );
    insta::assert_snapshot!(shown);
}

#[test]
fn the_parts_that_are_right_are_taken() {
    let text =
        format!("theme = \"amber\"\nmouse = 3\n{ACCOUNT}[accounts.bad]\nprovider = \"email\"\n");
    let (config, problems) = load(&text);
    assert_eq!(config.theme, "amber");
    assert!(!config.mouse);
    let names: Vec<&str> = config.accounts.iter().map(|a| a.id.as_str()).collect();
    assert_eq!(names, ["good"]);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems.iter().all(|problem| problem.level == Level::Error));
}

#[test]
fn one_wrong_rule_macro_or_person_costs_just_that() {
    let text = "[desk]\nhold = { second = 3 }\nrules = [{ name = \"a\" }, { nam = \"b\" }]\n\
        [desk.macros]\nfine = { steps = [] }\nwrong = { steps = [{ x = 1 }] }\n\
        [[roster]]\nname = \"raj\"\nemail = \"r@b.test\"\n[[roster]]\nname = \"ana\"\n";
    let (config, problems) = load(text);
    assert_eq!(problems.len(), 4, "{problems:?}");
    assert_eq!(config.desk.rules.len(), 1);
    assert!(config.desk.macros.contains_key("fine"));
    assert_eq!(config.people(), [config.me.as_str(), "raj"]);
}

#[test]
fn broken_syntax_costs_its_own_table_only() {
    for broken in [
        "[accounts.bad\nprovider = \"email\"\naddress = \"evil@b.test\"\n",
        "[accounts.bad]\nprovider = \"email\naddress = \"x\"\n",
        "[accounts.bad]\nprovider == 3\n",
        "[accounts.good]\nprovider = \"email\"\n",
    ] {
        let text = format!("theme = \"amber\"\n{ACCOUNT}{broken}[commands]\neditor = \"vim\"\n");
        let (config, problems) = load(&text);
        assert_eq!(config.theme, "amber", "{broken}");
        assert_eq!(config.accounts.len(), 1, "{broken}");
        assert_eq!(config.accounts[0].id.as_str(), "good");
        let frontdesk::config::ProviderSettings::Email(email) = &config.accounts[0].provider else {
            panic!("no mail account");
        };
        assert_eq!(email.address, "a@b.test", "{broken}");
        assert!(config.commands.editor.is_some(), "{broken}");
        assert!(!problems.is_empty(), "{broken}");
        let line = problems[0].place.as_ref().unwrap().line;
        assert!((9..=11).contains(&line), "{broken}: {line}");
    }
}

#[test]
fn broken_syntax_is_shown_with_its_place() {
    insta::assert_snapshot!(rendered(
        "me = nina\n[commands]\nopener = [\"vim\"\n\n[accounts.x\nprovider = \"email\"\n"
    ));
}

#[test]
fn a_file_that_is_no_text_is_one_problem() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    std::fs::write(&file, [0xff, 0xfe, 0x00]).unwrap();
    let (_, problems) = frontdesk::config::load_file(&file, &Paths::below(dir.path()));
    assert_eq!(problems.len(), 1);
    assert!(problems[0].what.contains("UTF-8"), "{}", problems[0]);
}

#[test]
fn a_file_that_others_can_change_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    std::fs::write(&file, "").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o622)).unwrap();
    let (_, problems) = frontdesk::config::load_file(&file, &Paths::below(dir.path()));
    assert_eq!(problems[0].level, Level::Warning);
    assert!(problems[0].to_string().contains("chmod 600"));
}

#[test]
fn a_reload_of_a_half_written_file_keeps_the_old() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    let paths = Paths::below(dir.path());
    std::fs::write(&file, "theme = \"amb").unwrap();
    assert!(frontdesk::config::reload(&file, &paths).is_err());
    std::fs::write(&file, "theme = \"amber\"").unwrap();
    let (config, _) = frontdesk::config::reload(&file, &paths).unwrap();
    assert_eq!(config.theme, "amber");
}

#[test]
fn hostile_text_in_the_file_is_cleaned_when_shown() {
    let shown = rendered("me = \"\u{1b}]0;x\u{7}\u{202e}\"\n\"k\u{9b}2J\" = 1\n");
    let escapes = shown
        .chars()
        .filter(|&c| c != '\n' && (c.is_control() || c == '\u{202e}'));
    assert_eq!(escapes.count(), 0, "{shown:?}");
}

#[test]
fn what_names_no_account_is_told_and_the_rest_holds() {
    let text = format!(
        "{ACCOUNT}\n[accounts.broken]\nprovider = \"email\"\n\
         [transcription]\nbase_url = \"http://127.0.0.1:9\"\naccounts = [\"good\", \"goood\", \"broken\"]\n\
         [transcription.languages]\nfax = \"de\"\n"
    );
    let (config, problems) = load(&text);
    let told: Vec<(&str, Level)> = problems
        .iter()
        .map(|problem| (problem.what.as_str(), problem.level))
        .filter(|(what, _)| what.contains("no account"))
        .collect();
    let wanted = [
        ("there is no account `goood`", Level::Warning),
        ("there is no account `fax`", Level::Warning),
    ];
    assert_eq!(told, wanted);
    let first = problems.iter().find(|one| one.what.contains("goood"));
    let help = first
        .and_then(|one| one.help.as_deref())
        .unwrap_or_default();
    assert!(help.contains("good"), "{help}");
    assert_eq!(config.transcription.accounts.len(), 3);
    // Without any account, nothing is proposed.
    let alone = rendered("[transcription]\naccounts = [\"a\"]\n");
    assert!(alone.contains("no account is configured"), "{alone}");
}
