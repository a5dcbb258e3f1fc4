//! A mailbox of real Dovecot, written to and answered by real Postfix.

use super::Side;
use crate::customer::Customer;
use crate::support::mail::Mail;
use crate::support::servers::User;

pub struct Mailbox {
    name: &'static str,
    customer: Customer,
    desk: User,
    first: Mail,
}

impl Mailbox {
    pub fn new(name: &'static str, customer: Customer, desk: User) -> Self {
        let first = Mail::new(&customer.user.address, &desk.address, "Lamp", "");
        Self {
            name,
            customer,
            desk,
            first,
        }
    }

    fn mail(&self, body: &str) -> Mail {
        let from = format!("Ana <{}>", self.customer.user.address);
        let mail = Mail::new(&from, &self.desk.address, "Re: Lamp", body);
        mail.answering(&self.first.id)
    }
}

impl Side for Mailbox {
    fn name(&self) -> &'static str {
        self.name
    }

    fn channel(&self) -> &'static str {
        "email"
    }

    fn writes(&self, text: &str) {
        let mail = self.mail(text);
        self.customer.sends(&self.desk, &mail);
        // Somebody's server delivers it once more.
        self.customer.sends(&self.desk, &mail);
    }

    fn sends_file(&self, text: &str) -> bool {
        let body = format!(
            "--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--b\nContent-Type: image/png\n\
             Content-Disposition: attachment; filename=\"lamp.png\"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b--"
        );
        let mail = self.mail(&body);
        let mail = mail.header("Content-Type", "multipart/mixed; boundary=b");
        self.customer.sends(&self.desk, &mail);
        true
    }

    fn got(&self) -> Vec<String> {
        let letters = self.customer.letters();
        letters
            .iter()
            .map(|letter| letter.text.lines().next().unwrap_or_default().to_owned())
            .collect()
    }
}
