//! The words of the demonstration: who there is, which clients, and what is worked on, in the clients' languages.

use domain::client::{CrmKind, Locale, SetUpBy, WayInKind};
use domain::engagement::OveragePolicy;
use domain::time_entry::Activity;
use domain::user::Role;

/// The provider's staff.
pub const STAFF: &[(&str, &str, Role)] = &[
    ("admin@hourbank.example", "Елена Воронцова", Role::Administrator),
    ("pm@hourbank.example", "Мария Орлова", Role::ProjectManager),
    ("pm2@hourbank.example", "Игорь Савельев", Role::ProjectManager),
    ("account@hourbank.example", "Анна Белова", Role::AccountManager),
    ("account2@hourbank.example", "Пётр Климов", Role::AccountManager),
    ("specialist@hourbank.example", "Дмитрий Лебедев", Role::Specialist),
    ("specialist2@hourbank.example", "Ольга Мирная", Role::Specialist),
    ("specialist3@hourbank.example", "Тимур Хасанов", Role::Specialist),
    ("specialist4@hourbank.example", "Kate Novak", Role::Specialist),
    ("sales@hourbank.example", "Роман Зимин", Role::Sales),
    ("quality@hourbank.example", "Вера Соколова", Role::QualityManager),
];

/// List prices for the tariffs, in roubles.
pub const PRICES: &[(&str, &str)] = &[
    ("SUPPORT_20", "52000"),
    ("SUPPORT_40", "98000"),
    ("SUPPORT_80", "184000"),
    ("SUPPORT_120", "264000"),
    ("JAM_COLD_START", "75000"),
    ("JAM_STANDARD", "140000"),
    ("JAM_ESTIMATION", "60000"),
    ("SAM_QUICK_START", "110000"),
    ("SAM_DETAILED_AUDIT", "95000"),
    ("AUDIT", "45000"),
];

/// What becomes of a client's offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// Bought, and worked on by so many percent of its hours a month: in the months before, and in this one until now,
    /// with a meeting a week unless it is 0.
    Runs { before: i32, now: i32 },
    /// Still an offer.
    Offered,
    /// Bought, worked on, and given up a week ago.
    GivenUp { before: i32 },
}

/// A client and its story.
#[derive(Debug, Clone, Copy)]
pub struct Story {
    pub name: &'static str,
    /// The domain of its contacts' addresses, and its id in other systems.
    pub domain: &'static str,
    pub owner: &'static str,
    pub member: &'static str,
    pub line: &'static str,
    pub locale: Locale,
    pub zone: &'static str,
    pub crm: CrmKind,
    pub set_up_by: SetUpBy,
    pub licences: i32,
    pub way_in: Option<WayInKind>,
    pub tariff: &'static str,
    pub policy: OveragePolicy,
    pub course: Course,
    /// It is in this month of its engagement now.
    pub month: i32,
    /// The month ends in so many days: 3 to 27.
    pub ends_in: u64,
    /// Minutes bought in addition this month.
    pub top_up: Option<i32>,
}

const STORY: Story = Story {
    name: "",
    domain: "",
    owner: "",
    member: "",
    line: "",
    locale: Locale::Ru,
    zone: "Europe/Moscow",
    crm: CrmKind::Bitrix24,
    set_up_by: SetUpBy::Provider,
    licences: 12,
    way_in: Some(WayInKind::Implementation),
    tariff: "SUPPORT_20",
    policy: OveragePolicy::Allowed,
    course: Course::Runs { before: 90, now: 50 },
    month: 3,
    ends_in: 12,
    top_up: None,
};

const AUDITED: Story =
    Story { set_up_by: SetUpBy::Other, way_in: Some(WayInKind::Audit), crm: CrmKind::Onebox, ..STORY };

/// The clients. The first is the one that every ready token reaches.
pub const STORIES: &[Story] = &[
    Story {
        name: "Ромашка",
        domain: "romashka.example",
        owner: "Наталья Рябова",
        member: "Олег Дёмин",
        line: "Доставка цветов",
        tariff: "SUPPORT_40",
        course: Course::Runs { before: 92, now: 58 },
        month: 4,
        ends_in: 13,
        ..STORY
    },
    Story {
        name: "Северный ветер",
        domain: "veter.example",
        owner: "Андрей Котов",
        member: "Алла Гусева",
        line: "Климатическое оборудование",
        zone: "Asia/Yekaterinburg",
        course: Course::Runs { before: 88, now: 118 },
        ends_in: 8,
        ..STORY
    },
    Story {
        name: "Хлебный дом",
        domain: "hlebdom.example",
        owner: "Лариса Пекарева",
        member: "Илья Соснин",
        line: "Сеть пекарен",
        tariff: "SUPPORT_40",
        course: Course::Runs { before: 74, now: 47 },
        month: 4,
        ends_in: 5,
        ..STORY
    },
    Story {
        name: "Точка опоры",
        domain: "tochka.example",
        owner: "Денис Архипов",
        member: "Юлия Ким",
        line: "Бухгалтерские услуги",
        zone: "Asia/Novosibirsk",
        policy: OveragePolicy::Refused,
        course: Course::Runs { before: 81, now: 93 },
        ends_in: 10,
        ..AUDITED
    },
    Story {
        name: "МедСервис",
        domain: "medservis.example",
        owner: "Светлана Ильина",
        member: "Борис Панин",
        line: "Частная клиника",
        policy: OveragePolicy::AskClient,
        course: Course::Runs { before: 95, now: 118 },
        ends_in: 15,
        ..STORY
    },
    Story {
        name: "Алтын Логистик",
        domain: "altyn.example",
        owner: "Айдар Нурланов",
        member: "Дина Ермекова",
        line: "Грузоперевозки",
        zone: "Asia/Almaty",
        licences: 60,
        tariff: "SUPPORT_80",
        course: Course::Runs { before: 97, now: 71 },
        ends_in: 18,
        top_up: Some(600),
        ..STORY
    },
    Story {
        name: "СтройГрад",
        domain: "stroygrad.example",
        owner: "Виктор Мельник",
        member: "Ксения Лапина",
        line: "Продажа новостроек",
        licences: 140,
        tariff: "SUPPORT_120",
        // Nothing happens with it: its hours will expire.
        course: Course::Runs { before: 86, now: 0 },
        ends_in: 15,
        ..STORY
    },
    Story {
        name: "Nordlicht GmbH",
        domain: "nordlicht.example",
        owner: "Jonas Becker",
        member: "Lena Vogt",
        line: "Solar panels",
        locale: Locale::En,
        zone: "Europe/Berlin",
        crm: CrmKind::Other,
        course: Course::Runs { before: 70, now: 64 },
        month: 2,
        ends_in: 9,
        ..AUDITED
    },
    Story {
        name: "Янтарь",
        domain: "yantar.example",
        owner: "Галина Шульц",
        member: "Марк Осипов",
        line: "Ювелирная мастерская",
        zone: "Europe/Kaliningrad",
        course: Course::GivenUp { before: 40 },
        ends_in: 6,
        ..AUDITED
    },
    Story {
        name: "Кубань Агро",
        domain: "kubagro.example",
        owner: "Степан Бондарь",
        member: "Инна Руденко",
        line: "Продажа семян",
        way_in: None,
        tariff: "AUDIT",
        course: Course::Runs { before: 0, now: 45 },
        month: 1,
        ends_in: 14,
        ..AUDITED
    },
    Story {
        name: "Fjord Trading",
        domain: "fjord.example",
        owner: "Ingrid Solberg",
        member: "Erik Dahl",
        line: "Seafood export",
        locale: Locale::En,
        zone: "Europe/Oslo",
        course: Course::Offered,
        month: 1,
        ends_in: 26,
        ..AUDITED
    },
    Story {
        name: "Школа Полиглот",
        domain: "poliglot.example",
        owner: "Тамара Юдина",
        member: "Кирилл Фомин",
        line: "Языковые курсы",
        way_in: None,
        tariff: "JAM_STANDARD",
        course: Course::Offered,
        month: 1,
        ends_in: 24,
        ..STORY
    },
    Story {
        name: "ТехноПарк Волга",
        domain: "volga.example",
        owner: "Руслан Гаязов",
        member: "Эльза Сафина",
        line: "Оптовая торговля станками",
        licences: 85,
        way_in: None,
        tariff: "SAM_QUICK_START",
        course: Course::Offered,
        month: 1,
        ends_in: 20,
        ..STORY
    },
];

/// The one of two texts that is in the language.
pub fn said(locale: Locale, (ru, en): (&'static str, &'static str)) -> &'static str {
    match locale {
        Locale::Ru => ru,
        Locale::En => en,
    }
}

/// A text in Russian and in English.
pub type Both = (&'static str, &'static str);

/// Directions of work, each with four tasks.
pub const BLOCKS: &[(Both, [Both; 4])] = &[
    (
        ("Воронки продаж", "Sales funnels"),
        [
            ("Настроить воронку повторных продаж", "Set up the funnel of repeated sales"),
            ("Добавить обязательные поля на стадию «Договор»", "Require the fields of the contract stage"),
            ("Разделить лиды по источникам", "Tell leads apart by their source"),
            ("Напоминать о сделках без движения", "Remind of deals that stand still"),
        ],
    ),
    (
        ("Телефония и почта", "Telephony and mail"),
        [
            ("Подключить телефонию к карточке клиента", "Connect telephony to the client's card"),
            ("Собирать письма в сделки", "Collect mails into deals"),
            ("Записывать и оценивать звонки", "Record and rate calls"),
            ("Шаблоны писем для отдела продаж", "Mail templates for the sales department"),
        ],
    ),
    (
        ("Отчёты руководителю", "Reports for the director"),
        [
            ("Отчёт по загрузке менеджеров", "A report on the managers' load"),
            ("План и факт по месяцам", "Plan and actual by month"),
            ("Панель показателей на каждый день", "A board of daily figures"),
            ("Выгрузка продаж для бухгалтерии", "Export of sales for the accountants"),
        ],
    ),
    (
        ("Склад и счета", "Stock and invoices"),
        [
            ("Обмен остатками с учётной системой", "Exchange stock with the accounting system"),
            ("Выставлять счёт из сделки", "Issue the invoice from the deal"),
            ("Загрузить прайс-лист", "Load the price list"),
            ("Отмечать оплату автоматически", "Note payments automatically"),
        ],
    ),
    (
        ("Обслуживание клиентов", "Serving the clients"),
        [
            ("Форма обращения на сайте", "A request form on the site"),
            ("Очередь обращений и сроки ответа", "A queue of requests with deadlines"),
            ("Опрос после закрытия обращения", "A survey after a request is closed"),
            ("База знаний для сотрудников", "A knowledge base for employees"),
        ],
    ),
];

/// What time goes into, and the note that the client reads.
pub const WORK: &[(Activity, Both)] = &[
    (
        Activity::Configuration,
        ("Настроили поля и права на стадиях", "Set up fields and rights of the stages"),
    ),
    (
        Activity::Analysis,
        ("Разобрали процесс с руководителем отдела", "Went through the process with the head"),
    ),
    (
        Activity::Integration,
        ("Связали обмен и проверили ошибки", "Connected the exchange and checked its errors"),
    ),
    (Activity::Testing, ("Проверили на десяти сделках", "Tested on ten deals")),
    (Activity::ChatSupport, ("Ответили на вопросы в чате", "Answered questions in the chat")),
    (Activity::Configuration, ("Настроили роботов и уведомления", "Set up robots and notifications")),
    (Activity::Documentation, ("Написали инструкцию для менеджеров", "Wrote instructions for the managers")),
    (Activity::DataImport, ("Загрузили и почистили контакты", "Loaded and cleaned contacts")),
    (Activity::Demonstration, ("Показали готовое и собрали замечания", "Demonstrated and gathered remarks")),
    (Activity::Development, ("Доработали карточку сделки", "Extended the deal's card")),
];

/// What a project manager does.
pub const LEADING: &[(Activity, Both)] = &[
    (Activity::TaskSetting, ("Поставили задачи на неделю", "Stated the week's tasks")),
    (Activity::Meeting, ("Еженедельный созвон", "The weekly call")),
    (Activity::Consultation, ("Консультация по воронкам", "Advised on funnels")),
    (Activity::Reporting, ("Подготовили отчёт за неделю", "Prepared the week's report")),
];

pub const GOALS: &[Both] = &[
    ("Ни одного потерянного обращения", "Not one request lost"),
    ("Прозрачный план продаж для руководителя", "A sales plan that the director can see through"),
];

pub const PLAN: Both = ("План развития CRM", "The plan for the CRM");
pub const WISH: Both = ("Нужен отчёт по отказам за квартал", "We need a report on this quarter's refusals");
pub const REPLY: Both = ("Готово, посмотрите, пожалуйста", "Done, please have a look");
pub const MEETING: Both =
    ("Обсудили отчёт и задачи на неделю", "Went through the report and the week's tasks");
/// What clients say of their satisfaction, meeting by meeting.
pub const MARKS: [i32; 7] = [4, 5, 4, 3, 4, 5, 5];
pub const INTERNAL: Both = ("Согласовать срок с разработчиком", "Agree the term with the developer");
pub const FINDINGS: Both = (
    "Воронки настроены верно, но ими не пользуются; телефония не записывает звонки",
    "The funnels are set up well but unused; calls are not recorded",
);
pub const SALE_NOTE: Both =
    ("Ждут быстрый результат, решает директор", "They expect a quick result; the director decides");
pub const GIVEN_UP: Both = ("Клиент берёт паузу до весны", "The client takes a break until spring");
