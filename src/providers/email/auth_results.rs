//! Does our own receiving server vouch for the sender?

use mail_parser::{HeaderName, Message};

/// True only if the topmost `Authentication-Results` of `authserv` says `dmarc=pass` for the domain of `from`.
///
/// Everybody can write this header; only what our own server put on top counts, and only if the configuration names
/// that server (RFC 8601 section 5).
pub fn vouched(message: &Message<'_>, authserv: &str, from: &str) -> bool {
    let Some((_, domain)) = from.rsplit_once('@') else {
        return false;
    };
    message
        .headers_raw()
        .filter(|(name, _)| name.eq_ignore_ascii_case(HeaderName::AuthenticationResults.as_str()))
        .map(|(_, value)| value)
        .find(|value| signer(value).eq_ignore_ascii_case(authserv))
        .is_some_and(|value| passes(value, domain))
}

/// The name before the first semicolon, without the version that may follow it.
fn signer(value: &str) -> &str {
    value
        .split(';')
        .next()
        .and_then(|name| name.split_whitespace().next())
        .unwrap_or_default()
}

fn passes(value: &str, domain: &str) -> bool {
    let value = without_comments(value);
    value.split(';').skip(1).any(|result| {
        let mut words = result.split_whitespace();
        let pass = words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("dmarc=pass"));
        let named = words.find_map(|word| {
            let (name, value) = word.split_once('=')?;
            name.eq_ignore_ascii_case("header.from").then_some(value)
        });
        pass && named.is_none_or(|named| {
            let named = named.rsplit('@').next().unwrap_or(named);
            named.trim_matches('"').eq_ignore_ascii_case(domain)
        })
    })
}

fn without_comments(value: &str) -> String {
    let mut depth = 0_usize;
    let mut out = String::new();
    for letter in value.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(letter),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;

    #[test]
    fn only_our_own_server_and_only_dmarc() {
        let pass = "Authentication-Results: mx.desk.test 1; spf=fail; dmarc=pass (p=none) header.from=cust.test";
        for (headers, expect) in [
            (pass.to_owned(), true),
            (
                pass.to_uppercase()
                    .replace("AUTHENTICATION-RESULTS", "Authentication-Results"),
                true,
            ),
            (pass.replace("mx.desk.test", "mx.evil.test"), false),
            (
                pass.replace("header.from=cust.test", "header.from=evil.test"),
                false,
            ),
            (pass.replace("dmarc=pass", "dmarc=fail"), false),
            (pass.replace("dmarc=pass", "spf=pass"), false),
            (pass.replace("dmarc=pass", "x=(dmarc=pass"), false),
            // The sender's own line stands below the one that our server put on top.
            (
                format!(
                    "Authentication-Results: mx.desk.test; dmarc=fail header.from=cust.test\r\n{pass}"
                ),
                false,
            ),
            ("X: y".to_owned(), false),
        ] {
            let raw = format!("{headers}\r\nFrom: ann@cust.test\r\n\r\nhi\r\n");
            let message = MessageParser::default().parse(raw.as_bytes()).unwrap();
            assert_eq!(
                vouched(&message, "mx.desk.test", "ann@cust.test"),
                expect,
                "{headers}"
            );
        }
    }
}
