//! The words of the bulk data: enough to be told apart and searched for.

use domain::client::Locale;
use domain::time_entry::Activity;

use super::random::Random;

/// A text in the two languages of the product.
pub type Said = (&'static str, &'static str);

/// The text in a language.
pub fn said(locale: Locale, (ru, en): Said) -> &'static str {
    match locale {
        Locale::Ru => ru,
        Locale::En => en,
    }
}

const FIRST_NAMES: [(Said, bool); 24] = [
    (("Александр", "Alexander"), false),
    (("Алексей", "Alexey"), false),
    (("Анна", "Anna"), true),
    (("Борис", "Boris"), false),
    (("Вера", "Vera"), true),
    (("Виктор", "Viktor"), false),
    (("Галина", "Galina"), true),
    (("Дарья", "Daria"), true),
    (("Денис", "Denis"), false),
    (("Евгений", "Evgeny"), false),
    (("Екатерина", "Ekaterina"), true),
    (("Инна", "Inna"), true),
    (("Кирилл", "Kirill"), false),
    (("Ксения", "Ksenia"), true),
    (("Лариса", "Larisa"), true),
    (("Максим", "Maxim"), false),
    (("Марина", "Marina"), true),
    (("Никита", "Nikita"), false),
    (("Ольга", "Olga"), true),
    (("Павел", "Pavel"), false),
    (("Роман", "Roman"), false),
    (("Светлана", "Svetlana"), true),
    (("Тимофей", "Timofey"), false),
    (("Юлия", "Yulia"), true),
];

/// Each takes an «а» for a woman.
const LAST_NAMES: [Said; 24] = [
    ("Абрамов", "Abramov"),
    ("Беляев", "Belyaev"),
    ("Воронин", "Voronin"),
    ("Гордеев", "Gordeev"),
    ("Денисов", "Denisov"),
    ("Ершов", "Ershov"),
    ("Журавлёв", "Zhuravlyov"),
    ("Зайцев", "Zaytsev"),
    ("Исаев", "Isaev"),
    ("Калинин", "Kalinin"),
    ("Лазарев", "Lazarev"),
    ("Мартынов", "Martynov"),
    ("Назаров", "Nazarov"),
    ("Овчинников", "Ovchinnikov"),
    ("Панов", "Panov"),
    ("Родионов", "Rodionov"),
    ("Сафонов", "Safonov"),
    ("Тарасов", "Tarasov"),
    ("Уваров", "Uvarov"),
    ("Фомин", "Fomin"),
    ("Харитонов", "Kharitonov"),
    ("Чернов", "Chernov"),
    ("Шубин", "Shubin"),
    ("Яковлев", "Yakovlev"),
];

/// Somebody's name.
pub fn name(random: &mut Random, locale: Locale) -> String {
    let (first, is_woman) = *random.pick(&FIRST_NAMES);
    let last = said(locale, *random.pick(&LAST_NAMES));
    let ending = match (is_woman, locale) {
        (false, _) => "",
        (true, Locale::Ru) => "а",
        (true, Locale::En) => "a",
    };
    format!("{} {last}{ending}", said(locale, first))
}

const COMPANIES: [Said; 25] = [
    ("Альфа", "Alpha"),
    ("Берег", "Bereg"),
    ("Вектор", "Vector"),
    ("Гранит", "Granite"),
    ("Дельта", "Delta"),
    ("Енисей", "Yenisei"),
    ("Жемчуг", "Pearl"),
    ("Заря", "Dawn"),
    ("Искра", "Spark"),
    ("Кедр", "Cedar"),
    ("Ладья", "Rook"),
    ("Маяк", "Beacon"),
    ("Нева", "Neva"),
    ("Ориентир", "Landmark"),
    ("Парус", "Sail"),
    ("Радуга", "Rainbow"),
    ("Сфера", "Sphere"),
    ("Тополь", "Poplar"),
    ("Урал", "Ural"),
    ("Флагман", "Flagship"),
    ("Хрусталь", "Crystal"),
    ("Центр", "Centre"),
    ("Чайка", "Seagull"),
    ("Школа", "School"),
    ("Юнион", "Union"),
];

/// Lines of business.
pub const LINES: [Said; 12] = [
    ("логистика", "logistics"),
    ("стройматериалы", "building materials"),
    ("медицинский центр", "medical centre"),
    ("оптовая торговля", "wholesale"),
    ("недвижимость", "real estate"),
    ("юридические услуги", "legal services"),
    ("производство мебели", "furniture"),
    ("автосервис", "car service"),
    ("образование", "education"),
    ("туризм", "travel"),
    ("упаковка", "packaging"),
    ("оборудование", "equipment"),
];

/// The n-th company's name; no two of one language are alike.
pub fn company(n: usize, line: Said, locale: Locale) -> String {
    format!("{} {}: {}", said(locale, COMPANIES[n % COMPANIES.len()]), n + 1, said(locale, line))
}

/// The plan's title.
pub const PLAN: Said = ("План развития CRM", "CRM development plan");
/// What is to be reached.
pub const GOALS: [Said; 3] = [
    ("Все обращения попадают в CRM", "Every inquiry reaches the CRM"),
    ("Руководитель видит воронку без ручных отчётов", "Management sees the funnel without manual reports"),
    ("Менеджеры тратят на ввод данных вдвое меньше времени", "Managers spend half the time on data entry"),
];
/// The directions of work.
pub const BLOCKS: [Said; 10] = [
    ("Продажи", "Sales"),
    ("Телефония и чаты", "Telephony and chats"),
    ("Документы", "Documents"),
    ("Склад", "Stock"),
    ("Отчётность", "Reporting"),
    ("Почта и рассылки", "Mail and mailings"),
    ("Задачи и проекты", "Tasks and projects"),
    ("Обмен с 1С", "Exchange with accounting"),
    ("Права и роли", "Rights and roles"),
    ("Обучение", "Training"),
];

const DEEDS: [Said; 12] = [
    ("Настроить", "Set up"),
    ("Доработать", "Extend"),
    ("Проверить", "Check"),
    ("Перенести", "Move"),
    ("Описать", "Describe"),
    ("Согласовать", "Agree on"),
    ("Исправить", "Mend"),
    ("Упростить", "Simplify"),
    ("Запустить", "Launch"),
    ("Показать", "Show"),
    ("Автоматизировать", "Automate"),
    ("Обновить", "Update"),
];

const THINGS: [Said; 20] = [
    ("карточку сделки", "the deal card"),
    ("воронку повторных продаж", "the repeat sales funnel"),
    ("поля контакта", "contact fields"),
    ("печатную форму договора", "the contract's print form"),
    ("права отдела продаж", "the sales team's rights"),
    ("отчёт по источникам", "the report by source"),
    ("роботов на стадии оплаты", "robots of the payment stage"),
    ("подключение почты", "the mail connection"),
    ("импорт прайс-листа", "the price list import"),
    ("запись звонков", "call recording"),
    ("шаблоны писем", "mail templates"),
    ("обмен счетами", "the exchange of invoices"),
    ("дубли компаний", "duplicate companies"),
    ("сценарий рассылки", "the mailing scenario"),
    ("виджет заявки", "the inquiry widget"),
    ("напоминания о просрочке", "reminders of what is overdue"),
    ("права доступа к складу", "access to the stock"),
    ("сводку для руководителя", "the management summary"),
    ("инструкцию для новичков", "the newcomers' manual"),
    ("проверку реквизитов", "the check of bank details"),
];

/// What a task is about.
pub fn task(random: &mut Random, locale: Locale) -> String {
    format!("{} {}", said(locale, *random.pick(&DEEDS)), said(locale, *random.pick(&THINGS)))
}

const DONE: [(Activity, Said); 15] = [
    (Activity::ChatSupport, ("Обсудили в чате", "Discussed in the chat")),
    (Activity::TaskSetting, ("Описали", "Described")),
    (Activity::Analysis, ("Разобрали", "Analysed")),
    (Activity::Meeting, ("Обсудили на созвоне", "Discussed on a call")),
    (Activity::Consultation, ("Объяснили", "Explained")),
    (Activity::Configuration, ("Настроили", "Set up")),
    (Activity::DataImport, ("Загрузили", "Loaded")),
    (Activity::Integration, ("Связали", "Connected")),
    (Activity::Development, ("Доработали", "Extended")),
    (Activity::Testing, ("Проверили", "Tested")),
    (Activity::Documentation, ("Задокументировали", "Documented")),
    (Activity::Training, ("Изучили с сотрудниками", "Went through with employees:")),
    (Activity::Demonstration, ("Показали", "Demonstrated")),
    (Activity::Reporting, ("Включили в отчёт", "Reported on")),
    (Activity::OnSite, ("Разобрали на месте", "Went through on site:")),
];

/// What was done, by its place in the list of all.
pub fn done(activity: usize, thing: usize, locale: Locale) -> (Activity, String) {
    let (activity, words) = DONE[activity % DONE.len()];
    (activity, format!("{} {}", said(locale, words), said(locale, THINGS[thing % THINGS.len()])))
}

/// How many kinds of work and things there are.
pub const WORK: (usize, usize) = (DONE.len(), THINGS.len());

/// Why a task was given up.
pub const NOT_NEEDED: Said = ("Больше не нужно", "No longer needed");
