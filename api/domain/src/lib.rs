//! The rules of Hourbank: what is right, decided by pure functions over plain values.
//!
//! Nothing here waits, reads a clock, knows a database or speaks GraphQL; the compiler keeps it so,
//! since none of these is a dependency. The features `orm` and `graphql` add derives to the
//! vocabulary and nothing else. Days and instants come in as values. Minutes are whole numbers in
//! 32 bits and no function panics at their edges. Every refusal is a small enumeration of its
//! module; the application gives it a code and words.
//!
//! # Glossary
//! - **Provider**: the integrator that sells its time; **client**: a company that it serves.
//! - **User**: a person who signs in, on either side, with one [role](user::Role).
//! - **Team**: the people fixed to one client, each in a [position](team::Position) from a day to a day.
//! - **Reservation**: minutes a month that a member of the team holds for an engagement.
//! - **Service**: a kind of work sold (support, an implementation, an audit), described by data.
//! - **Tariff**: what can be bought of a service: minutes, length, price, and what becomes of
//!   unused minutes. Its terms are kept as revisions.
//! - **Engagement**: one client buying one tariff from a day on; as a DRAFT it is the offer.
//! - **Period**: one month of an engagement, the unit in which minutes are granted and used.
//! - **Payment**: what a client paid for named periods of an engagement.
//! - **Ledger entry**: one signed movement of minutes in a period, never changed afterwards.
//! - **Counters**: a period's sums of those movements. **Net** is what they come to, **remaining**
//!   its part above zero, **overage** its part below.
//! - **Hour balance**: the counters of the current period with version and warnings, as a client sees them.
//! - To **expire**: unused minutes end with their period. To **draw**: logged minutes lower the balance.
//! - **Plan**: what is to be done, in revisions that are signed off; **block**: a part of it with an
//!   order of priority; **task**: a part of a block, or of the client's inbox.
//! - **Development**: custom code for a task, figured and paid for apart.
//! - **Sign-off**: who approved or returned which revision, when, and with what words.
//! - **Stage**: how far an implementation has come; each has its norm of hours.
//! - **Time entry**: who did what for how many minutes on which day; **activity**: the kind of work.
//! - **Weekly report**: what was done for a client in a week and where its hours stand, frozen and mailed; a **preview**
//!   is the same of any days, kept nowhere.
//! - **Meeting**: a call or visit with its **agenda** and outcome; **rhythm**: the weekday and time of the weekly one.
//! - **Instruction**, **training**: what a client's people read, watch and are taught.
//! - **Way in**: the implementation or audit through which a client comes to support.
//! - **Partner**: an outside system that reads status with a key.
//!
//! # Rules
//! Each rule has an id; doc comments and tests name it, so that a search for the id finds both the
//! rule's code and its proof. Rules without a pure part are told in full where they are carried out.
//!
//! Rights, in the policy table (`policy`) and the application's sign-in:
//! - **A-1** Staff who are not on a client's team see nothing of that client, but for the roles that look across all.
//! - **A-2** A client sees no other client, no internal note, no capacity; who does not pay or bill sees no prices.
//! - **A-3** Signing in gives a short-lived access token and a refresh token that changes with each use; using an old one again ends that sign-in; guessing is slowed: [`attempt`].
//! - **A-4** A partner's key is shown once, kept as a hash, bound to named clients, can be revoked and tells when it was last used.
//! - **A-5** A right that is taken away is gone at once on this process and within five seconds on every other, for open subscriptions too.
//! - **A-6** Administrators, and project managers for their own clients, can look at the system as a client's contact, reading only and on record.
//!
//! Clients and teams:
//! - **C-1** Support starts only for a client with an implementation by the provider or an audit with findings on record: [`engagement::unmet`].
//! - **C-3** It starts with a development plan that has goals and an overall estimate and is not completed: [`engagement::unmet`].
//! - **C-4** What is known of a client is kept, who set up the CRM among it; where another did, only the audit opens the way: [`client`], [`engagement::StartFacts`].
//! - **C-8** It starts with the shared chat on record and an owner invited to the cabinet: [`engagement::unmet`].
//! - **T-1** Needed positions are held by different people, two need their role, and the last holder is replaced rather than removed: [`team`].
//! - **T-2** Reservations sum to the tariff's minutes and stay within each member's capacity unless an administrator says otherwise: [`reservation`], [`engagement::unmet`].
//! - **T-3** A specialist carries no more projects of a service at once than it allows, unless an administrator says otherwise: [`engagement::unmet`].
//! - **T-5** What a member can give, holds and has logged in a month is told in totals, never by client: [`reservation::peak`].
//!
//! Engagements and their months:
//! - **E-1** An engagement keeps the terms that it was bought on, whatever becomes of the tariff: [`tariff`].
//! - **E-2** An engagement is started, paused, resumed, completed and cancelled in fixed steps; starting names every unmet condition together: [`engagement::next`], [`engagement::unmet`].
//! - **E-3** Periods are months counted from the start day in the client's zone, without gap or overlap: [`period`], [`calendar::midnight`].
//! - **E-4** A period's own minutes are granted once, when it has begun and is paid; late payment covers overage first: [`tariff::own_grant_minutes`], [`ledger::late_payment`].
//! - **E-5** Another tariff counts from the next period; hours can be added to the running one at any time: [`tariff`], [`ledger::Movement::grant`].
//! - **E-7** For work of a known size the support tariffs are advised in the order of the client's wishes, and none that another beats in everything: [`advisor`].
//! - **E-9** Working days are Monday to Friday, corrected by the provider's calendar: [`calendar::Calendar`], [`holiday`].
//!
//! The ledger and the balance:
//! - **B-1** Minutes move by ledger entries of six kinds, and an entry is never altered or removed: [`ledger::Movement`], [`ledger::canonical`].
//! - **B-2** Counters equal the sum of their entries at every moment: [`ledger::Counters`].
//! - **B-3** The version of a balance counts its engagement's movements, and every push is the whole state: [`ledger`].
//! - **B-4** Unused support minutes expire once at the period's end, and read as expired even before that is written: [`ledger::expire`], [`ledger::Counters::ended`].
//! - **B-5** The client is warned a week and two days before more than a tenth expires: [`alert`].
//! - **B-6** The client is warned at 80 and at 100 percent used: [`alert::warnings`].
//! - **B-7** What is logged beyond the balance is overage, which the engagement allows, refuses or leaves to the client's approval: [`ledger::settle`].
//! - **B-9** Added hours share their period's fate, and a day's work is paid from the period of that day: [`period::number_on`], [`ledger`].
//! - **B-11** Every balance and every entry can be explained in words and figures: [`time_entry::DrawReason`], [`minutes`].
//! - **B-12** Writers at the same time lose no minute and leave no counter wrong: [`ledger`], and the store that makes them take turns.
//! - **B-13** From the pace of the last four weeks follow the day on which the hours run out, the day on which the plan is done, and a tariff that would fit better: [`forecast`], [`advisor::better_for_pace`].
//!
//! Plans and tasks:
//! - **P-1** Both kinds of plan have their steps, their sign-offs by revision, and what each status allows: [`plan`].
//! - **P-2** Blocks and tasks have an order, and a block may wait for others: [`order`], [`block::closes_circle`].
//! - **P-3** A development is figured apart, and its cost in the specialist's own time is suggested: [`task::own_minutes_of_development`].
//! - **P-4** A task has its steps, can pause anywhere and return, and is accepted by the side that its plan names: [`task::TaskState::next`].
//! - **P-5** Clients ask for tasks and owners steer them; what was logged stays: [`task`], [`order`].
//! - **P-6** A task's limit warns and does not stop logging: [`task::limit_warning`].
//! - **P-10** A block is demonstrated and confirmed by the client, never by silence: [`block`].
//! - **P-11** Plans, blocks, tasks, entries and reports can be commented on; internal comments stay with the staff: `policy`.
//!
//! Time:
//! - **W-1** An entry has a day that has come, 1 to 1440 minutes, a kind of work and a note; a person's day holds 24 hours: [`time_entry`].
//! - **W-2** Every minute of work has its activity: [`time_entry::Activity`].
//! - **W-3** A person runs one timer at the most, and stopping it logs its minutes as any other time: [`timer`].
//! - **W-4** Corrections reverse and log anew; closed periods keep their counters, and late entries have their order: [`time_entry::check_correction`], [`time_entry::check_late`], [`ledger::late`].
//! - **W-5** A client asks about an entry and is answered; the question follows the entry to its corrections: the application's questions.
//! - **W-6** The service decides whose minutes and which work draw on the balance: [`time_entry::draws_on_balance`].
//! - **W-7** The same request twice, by its key, is one entry: the application's idempotency.
//! - **W-8** One's day shows how much of it is explained, and a working day without own time is reminded of the next morning: [`work_day`].
//!
//! Reports:
//! - **R-1** Each week, on the client's own day and hour, what was done is frozen once and mailed, with the hours at their version; what is logged later for it stands in the next one as added: [`report`], [`report::schedule`], [`report::change`].
//! - **R-2** A report is read through the API, as a page, a spreadsheet and comma-separated values: the application's `report`.
//! - **R-3** The same can be had of any days, kept nowhere: [`report::preview_days`].
//! - **R-4** The client answers a report with a mark and words, which are never changed: [`meeting::is_score`].
//!
//! Meetings and what is taught:
//! - **M-1** A weekly meeting is planned more than a week ahead by the engagement's own clock, its agenda gathers what is to be talked about, and its outcome changes tasks, logs everyone's time and keeps satisfaction in one step: [`meeting`].
//! - **K-1** Instructions, each with one body, form a client's knowledge base: [`knowledge`].
//! - **K-2** Trainings tell who was taught what, when, by whom, and who came: [`knowledge`].
//!
//! Nobody is forgotten, and what people are told is told once: [`notification`].
//! - **Q-1** Every working day at six in the evening projects are checked for work and for contact with their client, and each failure is reported by itself: [`check::due_day`].
//! - **Q-2** A client in support without a task, comment, meeting or work for five working days is reported to the account manager: [`check::idle_since`].
//!
//! Live:
//! - **L-1** A subscriber gets each current balance at once and the newest state after every change, the clock's included: [`alert::next_change_at`], and the application's watch.
//! - **L-2** Without naming a client it covers every client that the caller sees, as they come and go.
//! - **L-3** Tasks, entries, plans and notifications are pushed too, with rights checked at each event.
//! - **L-4** It works the same whichever of several servers took the write, and heals itself after the database was away: the application's bus.
//! - **L-5** Over WebSocket and over server-sent events alike.
//!
//! Ids without a dash name a threat: **T15** text that cannot be stored, **T16** numbers at the edges
//! of their range, **T32** passwords guessed, **T43** what is one client's told to another, **T66** a report sent twice
//! or never, **T67** line breaks and formulas smuggled into mails and tables.

pub mod advisor;
pub mod alert;
pub mod attempt;
pub mod balance;
pub mod block;
pub mod calendar;
pub mod check;
pub mod client;
pub mod course;
pub mod engagement;
pub mod explain;
pub mod forecast;
pub mod holiday;
pub mod id;
pub mod knowledge;
pub mod ledger;
pub mod meeting;
pub mod minutes;
pub mod money;
pub mod notification;
pub mod order;
pub mod period;
pub mod plan;
pub mod plural;
pub mod policy;
pub mod refusal;
pub mod report;
pub mod reservation;
pub mod stage;
pub mod tariff;
pub mod task;
pub mod team;
pub mod text;
pub mod time_entry;
pub mod timer;
pub mod user;
mod vocabulary;
pub mod work_day;
