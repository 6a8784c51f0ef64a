//! Who may, in the manual: the last sentence of each protected field's description, made from the policy table.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaType, Registry};
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};
use domain::policy::need_of;

/// Registered last, it adds the sentences and no type of its own.
pub struct AccessSentences;

impl OutputType for AccessSentences {
    fn type_name() -> Cow<'static, str> {
        <bool as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        for (name, meta) in &mut registry.types {
            let MetaType::Object { fields, .. } = meta else {
                continue;
            };
            for field in fields.values_mut() {
                if let Some(need) = need_of(&format!("{name}.{}", field.name)) {
                    let words = field.description.get_or_insert_default();
                    if !words.is_empty() {
                        words.push_str("\n\n");
                    }
                    words.push_str(&need);
                }
            }
        }
        <bool as OutputType>::type_name().into_owned()
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}
