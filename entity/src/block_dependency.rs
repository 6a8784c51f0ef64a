//! A block that another one waits for (`P-2`).

use domain::id::BlockId;
use sea_orm::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
    PrimaryKeyTrait, Related, RelationDef, RelationTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "block_dependency")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub block_id: BlockId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub depends_on_id: BlockId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::block::Entity", from = "Column::BlockId", to = "super::block::Column::Id")]
    Block,
    #[sea_orm(
        belongs_to = "super::block::Entity",
        from = "Column::DependsOnId",
        to = "super::block::Column::Id"
    )]
    DependsOn,
}

impl Related<super::block::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Block.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
