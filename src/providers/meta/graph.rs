//! Requests to the Graph API: version in the path, token in a header, paging by `after`.

use super::failure::failure;
use super::signature::app_secret_proof;
use super::usage;
use crate::model::Clock;
use crate::providers::http::{Answer, BaseUrl, Effect, Http, JSON_LIMIT, Pace};
use crate::providers::{FileSink, ProviderError, Result, Spent};
use crate::secrets::{ExposeSecret, SecretRef, SecretString};
use reqwest::{Method, RequestBuilder};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

/// Pages of one listing that are read; a listing that does not end is cut with an error, not in silence.
const PAGES: usize = 1_000;

/// The longest wait for a turn; a call that would wait longer is told when to come again.
const PATIENCE: Duration = Duration::from_secs(20);

/// Meta counts what is used over an hour that slides.
const WINDOW: Duration = Duration::from_hours(1);

/// The Graph API as one access token sees it.
pub struct Graph {
    base: BaseUrl,
    http: Http,
    token: SecretRef,
    app_secret: Option<SecretRef>,
    clock: Arc<dyn Clock>,
    pace: Pace,
    /// Percent of the budget that the last answer called used, and when it did.
    used: std::sync::Mutex<Option<(u64, Instant)>>,
    /// Token and proof as last resolved; a password manager is not asked for each call.
    login: Mutex<Option<(SecretString, Option<String>)>>,
}

/// A page of a listing.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    /// Its items.
    #[serde(default = "Vec::new")]
    pub data: Vec<T>,
    paging: Option<Paging>,
}

#[derive(Debug, Deserialize)]
struct Paging {
    cursors: Option<Cursors>,
    next: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Cursors {
    after: Option<String>,
}

impl<T> Page<T> {
    /// Where the next page begins. A short page is not the end; a missing `next` is.
    pub fn after(&self) -> Option<&str> {
        let paging = self.paging.as_ref()?;
        paging.next.as_ref()?;
        paging.cursors.as_ref()?.after.as_deref()
    }
}

impl Graph {
    /// A client for `base`, version included (`https://graph.facebook.com/v23.0`), at most `per_second` calls a second.
    pub fn new(
        base: &BaseUrl,
        token: SecretRef,
        app_secret: Option<SecretRef>,
        per_second: u32,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let per_second = per_second.max(1);
        Ok(Self {
            base: base.clone(),
            http: Http::new(base)?,
            token,
            app_secret,
            clock,
            pace: Pace::new(per_second, Duration::from_secs(1) / per_second),
            used: std::sync::Mutex::default(),
            login: Mutex::default(),
        })
    }

    /// The calls of the moment, and the hour's budget as Meta told it last.
    pub fn spent(&self) -> Vec<Spent> {
        let told = *self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = told.and_then(|(percent, at)| {
            let left = WINDOW.checked_sub(at.elapsed())?;
            Some(Spent {
                group: "hour".to_owned(),
                used: percent,
                limit: 100,
                resets_in: Some(left),
                paused_for: None,
            })
        });
        hour.into_iter().chain([self.pace.spent("calls")]).collect()
    }

    async fn login(&self) -> Result<(SecretString, Option<String>)> {
        let mut login = self.login.lock().await;
        if let Some(login) = &*login {
            return Ok(login.clone());
        }
        let token = secret(&self.token).await?;
        let proof = match &self.app_secret {
            Some(app_secret) => app_secret_proof(&secret(app_secret).await?, &token),
            None => None,
        };
        Ok(login.insert((token, proof)).clone())
    }

    /// What an answer that is no success stands for. A refused token is asked for again next time: it may be a new one.
    pub(super) async fn refused(&self, answer: &Answer, effect: Effect) -> ProviderError {
        let failure = failure(answer, effect, self.clock.now());
        match &failure {
            ProviderError::Auth(_) => *self.login.lock().await = None,
            ProviderError::RateLimited { retry_after } => {
                self.pace
                    .pause(retry_after.unwrap_or(Duration::from_secs(30)));
            }
            _ => {}
        }
        failure
    }

    /// Asks for `parts` with these query parameters.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        parts: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T> {
        let request = self.request(Method::GET, parts).await?.query(query);
        self.finish(request, Effect::Read).await?.json()
    }

    /// Every item of a listing, page after page.
    pub(super) async fn all<T: DeserializeOwned>(
        &self,
        parts: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Vec<T>> {
        let (mut items, mut after) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            let mut query = query.to_vec();
            if let Some(after) = &after {
                query.push(("after", after));
            }
            let page: Page<T> = self.get(parts, &query).await?;
            let next = page.after().map(str::to_owned);
            items.extend(page.data);
            match next {
                Some(next) if Some(&next) != after.as_ref() => after = Some(next),
                Some(_) => {
                    return Err(ProviderError::Bug("a page names itself as next".to_owned()));
                }
                None => return Ok(items),
            }
        }
        Err(ProviderError::Bug(format!(
            "a listing has more than {PAGES} pages"
        )))
    }

    /// A request with the token, to be filled and finished.
    pub(super) async fn request(&self, method: Method, parts: &[&str]) -> Result<RequestBuilder> {
        let (token, proof) = self.login().await?;
        let mut request = self
            .http
            .request(method, self.base.at(parts.iter().copied()))
            .bearer_auth(token.expose_secret());
        if let Some(proof) = proof {
            request = request.query(&[("appsecret_proof", proof)]);
        }
        Ok(request)
    }

    /// Sends a request when it is its turn; whatever Meta says is an answer. Where the turn is far away, nothing is sent:
    /// [`ProviderError::RateLimited`].
    pub(super) async fn ask(&self, request: RequestBuilder, effect: Effect) -> Result<Answer> {
        let turn = self.pace.turn_within(PATIENCE).await;
        turn.map_err(|wait| ProviderError::RateLimited {
            retry_after: Some(wait),
        })?;
        let answer = self.http.exchange(request, effect, JSON_LIMIT).await?;
        if let Some(told) = usage::read(&answer) {
            *self.used.lock().unwrap_or_else(PoisonError::into_inner) =
                Some((told.percent, Instant::now()));
            if let Some(rest) = told.rest {
                self.pace.pause(rest);
            }
        }
        Ok(answer)
    }

    /// Sends a request when it is its turn; anything but a success is an error by Meta's code.
    pub(super) async fn finish(&self, request: RequestBuilder, effect: Effect) -> Result<Answer> {
        let answer = self.ask(request, effect).await?;
        if answer.is_success() {
            return Ok(answer);
        }
        Err(self.refused(&answer, effect).await)
    }

    /// The bytes of a file that Meta named, from its own hosts only: the token goes along.
    pub(super) async fn download(&self, address: &str, into: &mut dyn FileSink) -> Result<()> {
        self.bytes(address, into, true).await
    }

    /// Like [`Graph::download`] for addresses that are signed themselves: without the token.
    pub(super) async fn download_signed(
        &self,
        address: &str,
        into: &mut dyn FileSink,
    ) -> Result<()> {
        self.bytes(address, into, false).await
    }

    async fn bytes(&self, address: &str, into: &mut dyn FileSink, with_token: bool) -> Result<()> {
        let url = Url::parse(address)
            .ok()
            .filter(|url| self.is_media_host(url))
            .ok_or_else(|| {
                ProviderError::Bug("a file's address is not one of Meta's".to_owned())
            })?;
        let mut request = self.http.request(Method::GET, url);
        if with_token {
            let (token, _) = self.login().await?;
            request = request.bearer_auth(token.expose_secret());
        }
        let answer = self.http.download(request, into).await?;
        if answer.is_success() {
            return Ok(());
        }
        Err(match answer.status {
            // A signed address answers so once its time is over.
            403 if !with_token => gone(),
            404 | 410 => gone(),
            _ => self.refused(&answer, Effect::Read).await,
        })
    }

    fn is_media_host(&self, url: &Url) -> bool {
        const HOSTS: [&str; 4] = ["fbsbx.com", "fbcdn.net", "cdninstagram.com", "whatsapp.net"];
        if self.base.is_loopback() {
            return url.host() == self.base.as_url().host()
                && url.port() == self.base.as_url().port();
        }
        url.scheme() == "https"
            && url.port().is_none()
            && url.host_str().is_some_and(|host| {
                HOSTS.iter().any(|known| {
                    host.strip_suffix(known)
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                })
            })
    }
}

fn gone() -> ProviderError {
    ProviderError::Rejected {
        reason: "the file is no longer kept there".to_owned(),
        permanent: true,
    }
}

/// A secret, or words that say where it is missing.
pub(super) async fn secret(reference: &SecretRef) -> Result<SecretString> {
    reference.resolve().await.map_err(ProviderError::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SystemClock;

    #[test]
    fn a_token_goes_to_no_other_host() {
        let graph = |base: &str| {
            Graph::new(
                &BaseUrl::new(base).unwrap(),
                SecretRef::Plain("t".into()),
                None,
                10,
                Arc::new(SystemClock),
            )
            .unwrap()
        };
        let table = [
            ("https://lookaside.fbsbx.com/x?y=1", true),
            ("https://scontent.xx.fbcdn.net/x", true),
            ("http://lookaside.fbsbx.com/x", false),
            ("https://lookaside.fbsbx.com:8443/x", false),
            ("https://evilfbsbx.com/x", false),
            ("https://fbsbx.com.evil.example/x", false),
            ("https://127.0.0.1/x", false),
        ];
        let real = graph("https://graph.facebook.com/v23.0");
        for (url, wanted) in table {
            assert_eq!(
                real.is_media_host(&Url::parse(url).unwrap()),
                wanted,
                "{url}"
            );
        }
        let local = graph("http://127.0.0.1:4000");
        assert!(local.is_media_host(&Url::parse("http://127.0.0.1:4000/x").unwrap()));
        assert!(!local.is_media_host(&Url::parse("http://127.0.0.1:4001/x").unwrap()));
    }
}
