// How the schema is linted: the recommended and the Relay rules, and a description everywhere.

import graphql from '@graphql-eslint/eslint-plugin';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Objects that are values: they are part of what holds them and have no life, so no id, of their own. */
const VALUES = ['Viewer', 'Money', 'PageInfo', 'RateLimit', 'BalanceExplanation', 'BalanceWarning', 'TariffAdvice', 'ServiceAdvice',
  'TermEstimate', 'TimeEntryExplanation', 'StageNorm', 'Holiday', 'MemberCapacity',
  'EngagementTariff', 'MinutesRange', 'PlanTotals',
  'ReportContent', 'ReportPart', 'ReportRow', 'ReportChange', 'ReportTask', 'ReportTaskTotal', 'ReportPersonTotal',
  'ReportActivityTotal', 'ReportHours', 'ReportMonth', 'ReportFiles', 'ReportPreview',
  'TariffAdviceRow', 'TariffAdviceReason', 'BalanceForecast', 'Timer', 'WorkDay', 'NotificationChoice', 'Job',
  'MeetingRhythm', 'TrainingPerson'];

export default [
  {
    files: ['**/*.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: `${root}schema.graphql` } },
    },
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      '@graphql-eslint/require-description': ['error', {
        types: true,
        rootField: true,
        FieldDefinition: true,
        InputValueDefinition: true,
        EnumValueDefinition: true,
        DirectiveDefinition: true,
      }],
      // A list that cannot pass twenty is a plain list, so it need not wrap an edge.
      '@graphql-eslint/relay-edge-types': ['error', {
        withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false,
      }],
      '@graphql-eslint/strict-id-in-types': ['error', {
        acceptedIdNames: ['id'],
        acceptedIdTypes: ['ID'],
        exceptions: { types: VALUES, suffixes: ['Payload', 'Connection', 'Edge', 'Error', 'Event'] },
      }],
      // Block or line is the exporter's choice.
      '@graphql-eslint/description-style': 'off',
    },
  },
];
