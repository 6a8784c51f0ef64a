//! A report's files behind their links.

use chrono::Duration;
use hourbank::graphql::id::Identified;
use hourbank::usecase::report::freeze;
use serde_json::{Value, json};

use super::{day, recipients};
use crate::support::app::TestApp;
use crate::support::http::{Reply, send};
use crate::support::server::Server;

async fn get(server: &Server, link: &str) -> Reply {
    let path = link.strip_prefix("https://hours.example").expect("the base of links");
    send(server.addr, "GET", path, &[], "").await
}

fn links(files: &Value) -> [String; 3] {
    ["html", "xlsx", "csv"].map(|form| files[form].as_str().expect("a link").to_owned())
}

/// a frozen report and a preview are had as a page, a spreadsheet and values by whoever holds the link, without a
/// token, and not past its quarter of an hour. What comes says what it is and does nothing.
#[tokio::test]
async fn r2_files_by_signed_links() {
    let app = TestApp::start().await;
    let support = app.support("Ромашка & <Ко>").await;
    app.settle(&support.owner).await;
    let log =
        "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) { errors { code } } }";
    let input = json!({"input": {"engagementId": support.id(), "workedOn": "2026-03-11", "minutes": 35,
        "activity": "ANALYSIS", "note": "=HYPERLINK(\"https://evil.example\")"}});
    support.specialist.ok(&app, log, input).await;
    assert!(freeze(&app.system(), support.client, day("2026-03-02")).await.unwrap());
    let server = Server::start(&app).await;
    let ask = "query($c: ID!) { weeklyReports { nodes { files { html xlsx csv expiresAt } } }
        reportPreview(clientId: $c, from: \"2026-03-09\", to: \"2026-03-15\") { files(locale: EN) { html xlsx csv } } }";
    let seen = support.owner.ok(&app, ask, json!({"c": support.client.global()})).await;
    let frozen = &seen["weeklyReports"]["nodes"][0]["files"];
    assert_eq!(frozen["expiresAt"], "2026-03-11T12:15:00.000Z");
    let all = [links(frozen), links(&seen["reportPreview"]["files"])];
    for (at, [html, xlsx, csv]) in all.iter().enumerate() {
        let name = ["report-2026-03-02-2026-03-08", "report-2026-03-09-2026-03-15"][at];
        let forms = [
            (html, "text/html; charset=utf-8", "inline", "html"),
            (xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment", "xlsx"),
            (csv, "text/csv; charset=utf-8", "attachment", "csv"),
        ];
        for (link, kind, place, ending) in forms {
            let reply = get(&server, link).await;
            assert_eq!(reply.status, 200, "{reply:?}");
            assert_eq!(reply.header("content-type"), Some(kind));
            let disposition = format!("{place}; filename=\"{name}.{ending}\"");
            assert_eq!(reply.header("content-disposition"), Some(disposition.as_str()));
            for (header, value) in [
                ("x-content-type-options", "nosniff"),
                ("cache-control", "no-store"),
                ("referrer-policy", "no-referrer"),
            ] {
                assert_eq!(reply.header(header), Some(value), "{header} of {ending}");
            }
            let policy = reply.header("content-security-policy").expect("a policy");
            assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'"), "{policy}");
        }
    }
    let page = get(&server, &all[0][0]).await.body;
    assert!(page.contains("Ромашка &amp; &lt;Ко&gt;") && page.contains("Отчёт за неделю"), "{page}");
    let page = get(&server, &all[1][0]).await.body;
    assert!(page.contains("Weekly report") && page.contains("=HYPERLINK(&quot;"), "{page}");
    let values = get(&server, &all[1][2]).await.body;
    assert!(values.starts_with("\u{feff}Entry,Service,Day,"), "{values}");
    assert!(values.contains("\"'=HYPERLINK(\"\"https://evil.example\"\")\",35,yes\r\n"), "{values}");
    assert!(get(&server, &all[1][1]).await.body.starts_with("PK"));
    app.advance(Duration::minutes(15) - Duration::milliseconds(1));
    assert_eq!(get(&server, &all[0][0]).await.status, 200);
    app.advance(Duration::milliseconds(1));
    for link in all.iter().flatten() {
        assert_eq!(get(&server, link).await.status, 404, "past its time");
    }
}

/// R-2, T67: a link that was touched, made up, or sealed for something else is nothing, and all nothings are alike.
#[tokio::test]
async fn r2_no_link_can_be_made() {
    let app = TestApp::start().await;
    let support = app.support("Ромашка").await;
    recipients(&app, support.client, &["boss@example.org"]).await;
    assert!(freeze(&app.system(), support.client, day("2026-03-02")).await.unwrap());
    let server = Server::start(&app).await;
    let mail = app.mails().await.remove(0);
    let text = mail.words.text;
    let link =
        text.lines().find_map(|line| line.split_once("https://")).map(|(_, rest)| format!("https://{rest}"));
    let link = link.expect("a link in the text");
    assert_eq!(get(&server, &link).await.status, 200);
    let nothing = get(&server, "https://hours.example/reports/none").await;
    assert_eq!(nothing.status, 404);
    let token = link.rsplit('/').next().unwrap();
    let base = "https://hours.example/reports/";
    let mut touched: Vec<String> = Vec::new();
    for at in (0..token.len()).step_by(7) {
        let mut bytes = token.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        touched.push(String::from_utf8(bytes).unwrap());
    }
    touched.push(token[..token.len() - 1].to_owned());
    touched.push(format!("{token}AAAA"));
    touched.push("A".repeat(4_000));
    touched.push("%00".to_owned());
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let sealed = engine.decode(token).unwrap();
    let plain = app.app.keys.open("link to a report's file", &sealed).expect("our own seal");
    touched.push(engine.encode(app.app.keys.seal("mail", &plain)));
    let strange = String::from_utf8(plain).unwrap().replace("Html", "Exe");
    touched.push(engine.encode(app.app.keys.seal("link to a report's file", strange.as_bytes())));
    for token in touched {
        let reply = get(&server, &format!("{base}{token}")).await;
        assert_eq!((reply.status, &reply.body), (404, &nothing.body), "{token}");
    }
    // The mail's links live for a week.
    app.advance(Duration::days(7) - Duration::milliseconds(1));
    assert_eq!(get(&server, &link).await.status, 200);
    app.advance(Duration::milliseconds(1));
    assert_eq!(get(&server, &link).await.status, 404);
    assert_eq!(send(server.addr, "POST", &format!("/reports/{token}"), &[], "").await.status, 405);
}
