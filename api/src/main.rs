//! The one program: what it can be told to do.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use domain::client::Locale;
use domain::user::Role;
use hourbank::app::{App, Call};
use hourbank::config::Config;
use hourbank::error::Error;
use hourbank::seed::Scale;
use hourbank::store::Db;
use hourbank::usecase::invitation::Invite;
use hourbank::usecase::tree::{By, Wanted};
use hourbank::{demo, job, process, telemetry, usecase};

/// The backend of a CRM integrator's hour bank: one GraphQL API with live balances.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(flatten)]
    config: Config,

    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the API, jobs included, until it is told to stop.
    Serve,
    /// Makes a provider with three months of history in a database of its own, serves it, and works on.
    ///
    /// The database is `hourbank-demo.db` in the working folder, made anew at each start, or an empty PostgreSQL. GraphiQL
    /// and introspection are on; sign-ins and tokens of each role are printed.
    Demo {
        /// Writes the sign-ins and tokens to a file as well, as JSON with an entry for each role.
        #[arg(long, value_name = "FILE")]
        tokens: Option<PathBuf>,

        /// Leaves out the simulated working day.
        #[arg(long)]
        still: bool,
    },
    /// Brings the database's tables up or down, or says where they stand.
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// Prints the schema of the API.
    Schema,
    /// Recomputes every balance; prints the differences and exits with 1 where there are any.
    Verify,
    /// Fills an empty database with data to measure with; the same numbers on the same day make the same data.
    Seed {
        /// How much of it: `clients=1000,tasks=100000,entries=1000000`.
        #[arg(long)]
        scale: Scale,

        /// What chance begins with.
        #[arg(long, value_name = "N", default_value_t = 1)]
        random_seed: u64,
    },
    /// Copies an SQLite database into a new file, beside a running server; on PostgreSQL says what does.
    Backup {
        /// The file; it must not exist yet.
        file: PathBuf,
    },
    /// Runs a job once, now.
    Job {
        /// The job's name.
        name: String,
    },
    /// Adds a person, or gives them a token.
    #[command(subcommand)]
    User(UserCommand),
}

/// What to do with the tables.
#[derive(Debug, Subcommand)]
enum MigrateCommand {
    /// Applies what is pending.
    Up,
    /// Takes back the last steps.
    Down {
        /// How many; all where absent.
        steps: Option<u32>,
    },
    /// Lists the steps and which of them are applied.
    Status,
}

/// What to do with a person.
#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Adds a person and prints the link with which they set their password.
    Add(UserAdd),
    /// Prints an access token for each person, one a line, also while a server runs.
    Token {
        /// Their e-mail addresses.
        #[arg(required = true)]
        emails: Vec<String>,

        /// How long the tokens live; twelve hours at the most.
        #[arg(long, default_value_t = usecase::user::OPERATOR_SECONDS,
            value_parser = clap::value_parser!(u32).range(1..=i64::from(usecase::user::OPERATOR_SECONDS)))]
        seconds: u32,
    },
}

/// A person to add.
#[derive(Debug, Args)]
struct UserAdd {
    /// Their e-mail address.
    email: String,

    /// ADMINISTRATOR, PROJECT_MANAGER, ACCOUNT_MANAGER, SPECIALIST, SALES, QUALITY_MANAGER, CLIENT_OWNER or
    /// CLIENT_MEMBER.
    #[arg(long, value_parser = word::<Role>)]
    role: Role,

    /// Their name.
    #[arg(long)]
    name: String,

    /// The client of a contact, by its id in the provider's other systems.
    #[arg(long)]
    client: Option<String>,

    /// The language in which they are written to: RU or EN.
    #[arg(long, value_parser = word::<Locale>, default_value = "RU")]
    locale: Locale,

    /// Takes their password from the standard input instead of making a link.
    #[arg(long)]
    password_stdin: bool,
}

// Allocation is a third of what a page of data costs; this one halves that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bytes of a worker's stack, of which only what is used is taken: resolvers lie within each other as deep as a document
/// does, and a stack that ends takes the process with it (T1).
const STACK: usize = 8 * 1024 * 1024;

fn main() -> ExitCode {
    let Cli { config, command } = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
    match runtime {
        Ok(runtime) => runtime.block_on(run(config, command)),
        Err(error) => {
            eprintln!("hourbank: no threads: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config, command: Command) -> ExitCode {
    let telemetry = telemetry::start(&config);
    let done = match command {
        Command::Serve => serve(config).await,
        Command::Demo { tokens, still } => demo::run(config, tokens.as_deref(), still).await,
        Command::Migrate(command) => migrate(config, command).await,
        Command::Schema => {
            print!("{}", hourbank::graphql::sdl());
            Ok(())
        }
        Command::Verify => verify(config).await,
        Command::Seed { scale, random_seed } => seed(config, scale, random_seed).await,
        Command::Backup { file } => hourbank::backup::run(&config, &file).await,
        Command::Job { name } => run_job(config, &name).await,
        Command::User(command) => user(config, command).await,
    };
    telemetry.end().await;
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hourbank: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(mut config: Config) -> Result<(), String> {
    let _lock = process::hold(&config)?;
    let listener = process::listen(&mut config).await?;
    let app = App::open(config).await?;
    app.accept().await?;
    app.migrate().await?;
    process::run(app, listener, Vec::new()).await
}

async fn migrate(config: Config, command: MigrateCommand) -> Result<(), String> {
    let _lock = process::hold(&config)?;
    let db = Db::open(&config.database, 2).await.map_err(|error| error.to_string())?;
    let text = |error: hourbank::store::DbErr| error.to_string();
    match command {
        MigrateCommand::Up => {
            for name in migration::up(db.writing()).await.map_err(text)? {
                eprintln!("{name} was made by a newer program");
            }
            Ok(())
        }
        MigrateCommand::Down { steps } => migration::down(db.writing(), steps).await.map_err(text),
        MigrateCommand::Status => {
            for (name, is_applied) in migration::status(db.writing()).await.map_err(text)? {
                println!("{} {name}", if is_applied { "applied" } else { "pending" });
            }
            Ok(())
        }
    }
}

async fn verify(config: Config) -> Result<(), String> {
    process::must_exist(&config)?;
    let app = App::open(config).await?;
    let faults = usecase::verify::verify(&Call::system(&app, "verify")).await.map_err(words)?;
    for fault in &faults {
        println!("{fault}");
    }
    match faults.len() {
        0 => Ok(()),
        count => Err(format!("{count} differences")),
    }
}

async fn seed(config: Config, scale: Scale, random_seed: u64) -> Result<(), String> {
    let _lock = process::hold(&config)?;
    hourbank::seed::run(&config, scale, random_seed).await
}

async fn run_job(config: Config, name: &str) -> Result<(), String> {
    let names: Vec<&str> = job::JOBS.iter().map(|job| job.name).collect();
    let job = job::JOBS
        .iter()
        .find(|job| job.name == name)
        .ok_or_else(|| format!("there is no job `{name}`; there are {}", names.join(", ")))?;
    let _lock = process::hold(&config)?;
    let app = App::open(config).await?;
    job::once(&app, job).await.map_err(words)
}

async fn user(config: Config, command: UserCommand) -> Result<(), String> {
    match command {
        UserCommand::Add(command) => {
            let _lock = process::hold(&config)?;
            let app = App::open(config).await?;
            // Whoever begins with a person has no tables yet.
            app.migrate().await?;
            add(&app, command).await
        }
        // A running server reads a new sign-in when it is first used, so this may go on beside it.
        UserCommand::Token { emails, seconds } => {
            let call = Call::system(&App::open(config).await?, "user-token");
            for email in &emails {
                let token = usecase::user::token(&call, email, seconds).await;
                println!("{}", token.map_err(|error| format!("{email}: {}", words(error)))?);
            }
            Ok(())
        }
    }
}

async fn add(app: &Arc<App>, command: UserAdd) -> Result<(), String> {
    let call = Call::system(app, "user-add");
    let client = match command.client {
        None => None,
        Some(id) => {
            let found =
                usecase::tree::find(&call, &By::ExternalId(id), Wanted::default()).await.map_err(words)?;
            Some(found.ok_or("there is no client of this external id")?.0.id)
        }
    };
    let password = if command.password_stdin { Some(password()?) } else { None };
    let invite = Invite {
        email: command.email,
        name: command.name,
        role: command.role,
        client,
        locale: command.locale,
        capacity_minutes: None,
    };
    let added = usecase::invitation::add(&call, invite, password).await.map_err(words)?;
    match added.url {
        Some(url) => println!("{url}"),
        None => println!("{} can sign in", added.user.email),
    }
    Ok(())
}

/// The first line of the standard input.
fn password() -> Result<String, String> {
    let mut text = String::new();
    std::io::stdin().take(4096).read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// A word of the vocabulary, in either case, with dashes or underscores.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    let word = text.to_uppercase().replace('-', "_");
    serde_json::from_value(serde_json::Value::String(word)).map_err(|error| error.to_string())
}

/// What went wrong, for whoever sits at the terminal.
fn words(error: Error) -> String {
    match error {
        Error::Refused(refusals) => {
            refusals.into_iter().map(|refusal| refusal.message).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}
