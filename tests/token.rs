//! Tokens that open nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use domain::id::{SignInId, UserId};
use domain::user::Role;
use hourbank::auth::{Keys, token};
use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::people::opens;

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn read(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// T25: whatever is done to header or signature, the token opens nothing.
#[tokio::test]
async fn t25_forged_tokens_open_nothing() {
    let app = TestApp::start().await;
    let person = app.staff(Role::Administrator).await;
    let good = person.token.clone().unwrap();
    assert!(opens(&app, &good).await);
    let [header, claims, signature]: [&str; 3] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let mut corpus = vec![
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{signature}."),
        format!("{header}.{claims}.{signature}.{signature}"),
        format!(".{header}.{claims}.{signature}"),
        format!("{header}..{signature}"),
        format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode([0; 64])),
        format!("{header}.{claims}.{}", &signature[..signature.len() - 2]),
        format!("{header}.{claims}.{}", signature.chars().rev().collect::<String>()),
        format!("{header}.{claims}.{signature}AA"),
        format!("{header} .{claims}.{signature}"),
        good.to_lowercase(),
        URL_SAFE_NO_PAD.encode(&good),
        "\u{0}".to_owned(),
        "привет.привет.привет".to_owned(),
        "A".repeat(10_000),
    ];
    let plain = read(header);
    for alg in
        ["none", "None", "nOnE", "NONE", "", "HS256", "HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA "]
    {
        let mut changed = plain.clone();
        changed["alg"] = json!(alg);
        corpus.push(format!("{}.{claims}.", part(&changed)));
        corpus.push(format!("{}.{claims}.{signature}", part(&changed)));
    }
    for (name, value) in [
        ("kid", json!("../../../etc/passwd")),
        ("kid", json!("1' OR '1'='1")),
        ("kid", json!("2")),
        ("kid", Value::Null),
        ("typ", json!("JWT")),
        ("typ", Value::Null),
        ("jku", json!("https://evil.example/keys")),
        ("jwk", json!({"kty": "oct", "k": "AA"})),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["AA"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
    ] {
        let mut changed = plain.clone();
        changed[name] = value;
        corpus.push(format!("{}.{claims}.{signature}", part(&changed)));
    }
    for (name, value) in [("sub", json!(UserId::new())), ("exp", json!(9_999_999_999_i64)), ("ver", json!(2))]
    {
        let mut changed = read(claims);
        changed[name] = value;
        corpus.push(format!("{header}.{}.{signature}", part(&changed)));
    }
    for forged in &corpus {
        assert!(!opens(&app, forged).await, "{forged}");
    }
    assert!(corpus.len() >= 59);
    let header = format!("Basic {good}");
    assert!(app.app.sessions.open(Some(&header)).await.is_err(), "another scheme");
    assert!(app.app.sessions.open(Some(&good)).await.is_err(), "no scheme");
}

/// T25: another installation's token, signed well, opens nothing here.
#[tokio::test]
async fn t25_a_foreign_key_opens_nothing() {
    let app = TestApp::start().await;
    let foreign = Keys::ephemeral().unwrap();
    let issued = token::issue(&foreign, UserId::new(), SignInId::new(), 1, app.now(), Duration::minutes(10));
    assert!(token::verify(&foreign, &issued, app.now()).is_some());
    assert!(token::verify(&app.app.keys, &issued, app.now()).is_none());
}

/// T26: a token opens from its issue to its end, by thirty seconds more on either side.
#[tokio::test]
async fn t26_a_token_has_its_time() {
    let app = TestApp::start().await;
    let keys = &app.app.keys;
    let issued = token::issue(keys, UserId::new(), SignInId::new(), 1, app.now(), Duration::minutes(10));
    for (seconds, expected) in [(-31, false), (-30, true), (0, true), (600, true), (629, true), (630, false)]
    {
        let then = app.now() + Duration::seconds(seconds);
        assert_eq!(token::verify(keys, &issued, then).is_some(), expected, "{seconds} s");
    }
    let endless = token::issue(keys, UserId::new(), SignInId::new(), 1, app.now(), Duration::minutes(-10));
    assert!(token::verify(keys, &endless, app.now()).is_none());
}

/// T26: well signed, but for somebody whose session has moved on, ended, or is another's.
#[tokio::test]
async fn t26_a_token_names_a_living_session_of_its_person() {
    let app = TestApp::start().await;
    let (one, other) = (app.staff(Role::Sales).await, app.staff(Role::Administrator).await);
    let claims = read(one.token.as_ref().unwrap().split('.').nth(1).unwrap());
    let sign_in = SignInId(claims["sid"].as_str().unwrap().parse().unwrap());
    let issue = |user, sign_in, version| {
        token::issue(&app.app.keys, user, sign_in, version, app.now(), Duration::minutes(10))
    };
    let (me, them) = (one.user.unwrap(), other.user.unwrap());
    assert!(opens(&app, &issue(me, sign_in, 1)).await);
    for wrong in [issue(me, sign_in, 2), issue(me, SignInId::new(), 1), issue(them, sign_in, 1)] {
        assert!(!opens(&app, &wrong).await);
    }
}

/// T27: no kind of token passes for another.
#[tokio::test]
async fn t27_no_token_passes_for_another() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Administrator).await;
    let client = app.client("Ours").await;
    let email = app.give_password(&admin).await;
    let (access, refresh) = app.sign_in(&email).await;
    let invite = r#"mutation { staffInvite(input: {email: "new@example.org", name: "New", role: SALES}) {
        invitationUrl errors { code } } }"#;
    let invited = admin.ok(&app, invite, json!({})).await;
    let link = crate::support::people::secret(invited["staffInvite"]["invitationUrl"].as_str().unwrap());
    let id = hourbank::graphql::id::Identified::global(client);
    let make = "mutation($id: ID!) { apiKeyCreate(input: {name: \"CRM\", clientIds: [$id]}) { key errors { code } } }";
    let made = admin.ok(&app, make, json!({"id": id})).await;
    let key = made["apiKeyCreate"]["key"].as_str().unwrap().to_owned();

    for (token, is_bearer) in [(&access, true), (&key, true), (&refresh, false), (&link, false)] {
        assert_eq!(opens(&app, token).await, is_bearer, "{token}");
    }
    for token in [&access, &key, &link] {
        assert_eq!(app.refresh(token).await.codes(), ["LINK_EXPIRED"]);
    }
    let accept = "mutation($token: String!) { invitationAccept(input: {token: $token, password: \"correct horse battery\"}) {
        accessToken errors { code } } }";
    let reset = "mutation($token: String!) { passwordReset(input: {token: $token, password: \"correct horse battery\"}) {
        errors { code } } }";
    for token in [&access, &key, &refresh] {
        assert_eq!(Actor::anonymous().codes(&app, accept, json!({"token": token})).await, ["LINK_EXPIRED"]);
    }
    for token in [&access, &key, &refresh, &link] {
        assert_eq!(Actor::anonymous().codes(&app, reset, json!({"token": token})).await, ["LINK_EXPIRED"]);
    }
    let partner = Actor::holding(&key);
    assert_eq!(partner.codes(&app, "{ users { totalCount } }", json!({})).await, ["FORBIDDEN"]);
    let refused = partner.codes(&app, "mutation { signOut { errors { code } } }", json!({})).await;
    assert_eq!(refused, ["FORBIDDEN"]);
}
