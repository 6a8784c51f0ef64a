//! Plans, blocks and tasks to begin a story with, made through the API by those who may.

use domain::id::ClientId;
use domain::user::Role;
use hourbank::graphql::id::Identified;
use serde_json::{Value, json};

use super::actor::Actor;
use super::app::TestApp;

/// A client with a team, its people, and a development plan of one block.
pub struct Work {
    pub client: ClientId,
    pub manager: Actor,
    pub specialist: Actor,
    pub owner: Actor,
    pub member: Actor,
    pub plan: String,
    pub block: String,
}

/// What every mutation of a task is asked for.
pub const TASK: &str = "task { id title status position urgent version spentMinutes } block { id estimateMinutes developmentMinutes spentMinutes } errors { code field }";

impl TestApp {
    /// A client whose work is planned.
    pub async fn work(&self) -> Work {
        let client = self.client("Ромашка").await;
        let manager = self.on_team(Role::ProjectManager, client).await;
        let specialist = self.on_team(Role::Specialist, client).await;
        let owner = self.contact(Role::ClientOwner, client).await;
        let member = self.contact(Role::ClientMember, client).await;
        let mut work =
            Work { client, manager, specialist, owner, member, plan: String::new(), block: String::new() };
        let made = work
            .manager
            .ok(
                self,
                "mutation($input: PlanCreateInput!) { planCreate(input: $input) { plan { id } errors { code } } }",
                json!({"input": {"clientId": client.global(), "title": "Развитие",
                    "goals": ["Продавать больше"], "estimateMinutes": 4800}}),
            )
            .await;
        work.plan = id(&made["planCreate"]["plan"]);
        work.block = work.block(self, "Воронки").await;
        work
    }
}

impl Work {
    /// A block at the end of the plan.
    pub async fn block(&self, app: &TestApp, title: &str) -> String {
        let made = self
            .manager
            .ok(
                app,
                "mutation($input: BlockCreateInput!) { blockCreate(input: $input) { block { id } errors { code } } }",
                json!({"input": {"planId": self.plan, "title": title}}),
            )
            .await;
        id(&made["blockCreate"]["block"])
    }

    /// A task of the first block, with more fields of its input.
    pub async fn task(&self, app: &TestApp, title: &str, more: Value) -> String {
        let mut input = json!({"blockId": self.block, "title": title});
        if let (Some(input), Some(more)) = (input.as_object_mut(), more.as_object()) {
            input.extend(more.clone());
        }
        let made = self
            .manager
            .ok(
                app,
                "mutation($input: TaskCreateInput!) { taskCreate(input: $input) { task { id } errors { code field } } }",
                json!({"input": input}),
            )
            .await;
        id(&made["taskCreate"]["task"])
    }

    /// A task that the client asked for.
    pub async fn request(&self, app: &TestApp, title: &str) -> String {
        let made = self
            .member
            .ok(
                app,
                "mutation($input: TaskRequestInput!) { taskRequest(input: $input) { task { id } errors { code } } }",
                json!({"input": {"clientId": self.client.global(), "title": title}}),
            )
            .await;
        id(&made["taskRequest"]["task"])
    }

    /// The titles of a block's tasks, in order.
    pub async fn titles(&self, app: &TestApp, block: &str) -> Vec<String> {
        let plan = self
            .manager
            .ok(
                app,
                "query($id: ID!) { plan(id: $id) { blocks { id tasks { title } } } }",
                json!({"id": self.plan}),
            )
            .await;
        let blocks = plan["plan"]["blocks"].as_array().expect("blocks").clone();
        let found = blocks.iter().find(|found| found["id"] == block).expect("the block");
        found["tasks"].as_array().expect("tasks").iter().map(|task| text(&task["title"])).collect()
    }
}

/// The mutation of a task that takes an id and, where there is one, an input.
pub fn on_task(name: &str) -> String {
    let input = match name {
        "taskStart" | "taskSubmit" | "taskPause" | "taskResume" => None,
        "taskAccept" => Some("TaskAcceptInput".to_owned()),
        other => Some(format!("{}{}Input!", other[..1].to_uppercase(), &other[1..])),
    };
    match input {
        None => format!("mutation($id: ID!) {{ {name}(id: $id) {{ {TASK} }} }}"),
        Some(input) => {
            format!("mutation($id: ID!, $input: {input}) {{ {name}(id: $id, input: $input) {{ {TASK} }} }}")
        }
    }
}

/// The id of an object in an answer.
pub fn id(object: &Value) -> String {
    text(&object["id"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}
