import type { MigrationInterface } from 'typeorm';
import { CreateSchema1795500037019 } from './migrations/1795500037019-CreateSchema.js';
import { AllowUnlinkedCustomers1795523400000 } from './migrations/1795523400000-AllowUnlinkedCustomers.js';
import { IndexWaitingEvents1795523400001 } from './migrations/1795523400001-IndexWaitingEvents.js';
import { AddWatchdog1795523883000 } from './migrations/1795523883000-AddWatchdog.js';
import { AddReconciliations1795523900000 } from './migrations/1795523900000-AddReconciliations.js';
import { AddInAppChannel1795524000000 } from './migrations/1795524000000-AddInAppChannel.js';
import { AddSuppressions1795525000000 } from './migrations/1795525000000-AddSuppressions.js';
import { CreateTemplateOverrides1795525200000 } from './migrations/1795525200000-CreateTemplateOverrides.js';
import { FollowSmtpDialogue1795526000000 } from './migrations/1795526000000-FollowSmtpDialogue.js';
import { AddPortalLinks1795526400000 } from './migrations/1795526400000-AddPortalLinks.js';
import { IndexCustomersByAddress1795526400002 } from './migrations/1795526400002-IndexCustomersByAddress.js';
import { SealAudit1795600100000 } from './migrations/1795600100000-SealAudit.js';
import { NumberAuditEntries1795600100001 } from './migrations/1795600100001-NumberAuditEntries.js';
import { IndexAudit1795600100002 } from './migrations/1795600100002-IndexAudit.js';
import { AddApiKeys1795600200000 } from './migrations/1795600200000-AddApiKeys.js';
import { AddErasure1795600400000 } from './migrations/1795600400000-AddErasure.js';
import { AddAlerts1795700000000 } from './migrations/1795700000000-AddAlerts.js';
import { AddReplayEffects1795800000000 } from './migrations/1795800000000-AddReplayEffects.js';
import { IndexErasedPersons1795800000001 } from './migrations/1795800000001-IndexErasedPersons.js';
import { CountResends1795900000000 } from './migrations/1795900000000-CountResends.js';
import { ListEmptiedEntries1796000000000 } from './migrations/1796000000000-ListEmptiedEntries.js';
import { IndexSuppressionEntries1796000000001 } from './migrations/1796000000001-IndexSuppressionEntries.js';
import { HideInAppMessages1796000000002 } from './migrations/1796000000002-HideInAppMessages.js';
import { MarkHandover1796000000003 } from './migrations/1796000000003-MarkHandover.js';
import { DateChannelFaults1796000000004 } from './migrations/1796000000004-DateChannelFaults.js';
import { CountAddressFailures1796100140000 } from './migrations/1796100140000-CountAddressFailures.js';
import { KeepUnreadMailReports1796100140001 } from './migrations/1796100140001-KeepUnreadMailReports.js';
import { NameReplayStarter1796100160000 } from './migrations/1796100160000-NameReplayStarter.js';
import { FoldAddressesWithoutCollation1796100180000 } from './migrations/1796100180000-FoldAddressesWithoutCollation.js';
import { IndexFoldedAddresses1796100180001 } from './migrations/1796100180001-IndexFoldedAddresses.js';
import { DateFirstDecisions1796100190000 } from './migrations/1796100190000-DateFirstDecisions.js';
import { MeasureStorage1796100190001 } from './migrations/1796100190001-MeasureStorage.js';
import { FindEvents1796100300000 } from './migrations/1796100300000-FindEvents.js';
import { KeepBothTimes1796200100000 } from './migrations/1796200100000-KeepBothTimes.js';
import { AddSubscriptions1796200200000 } from './migrations/1796200200000-AddSubscriptions.js';
import { SumRevenue1796200300000 } from './migrations/1796200300000-SumRevenue.js';
import { IndexStages1796200400000 } from './migrations/1796200400000-IndexStages.js';
import { ReconcileBilling1796200500000 } from './migrations/1796200500000-ReconcileBilling.js';
import { IndexFormerAddresses1796200600000 } from './migrations/1796200600000-IndexFormerAddresses.js';
import { AddUserMilestones1796200650000 } from './migrations/1796200650000-AddUserMilestones.js';
import { AddBehaviour1796200700000 } from './migrations/1796200700000-AddBehaviour.js';
import { AddSegments1796200800000 } from './migrations/1796200800000-AddSegments.js';
import { AddQuestions1796200900000 } from './migrations/1796200900000-AddQuestions.js';
import { AddExperiments1796201000000 } from './migrations/1796201000000-AddExperiments.js';
import { AddExperimentResults1796201000001 } from './migrations/1796201000001-AddExperimentResults.js';
import { AddPredictions1796201100000 } from './migrations/1796201100000-AddPredictions.js';
import { AddIntegrations1796201200000 } from './migrations/1796201200000-AddIntegrations.js';
import { HardenDeliveries1796201300000 } from './migrations/1796201300000-HardenDeliveries.js';
import { OperateConnectors1796201400000 } from './migrations/1796201400000-OperateConnectors.js';
import { AddAutomations1796201500000 } from './migrations/1796201500000-AddAutomations.js';

/** All migrations in order. `npm run migration:generate` writes a new one; list it here. */
export const MIGRATIONS: (new () => MigrationInterface)[] = [
  CreateSchema1795500037019,
  AllowUnlinkedCustomers1795523400000,
  IndexWaitingEvents1795523400001,
  AddWatchdog1795523883000,
  AddReconciliations1795523900000,
  AddInAppChannel1795524000000,
  AddSuppressions1795525000000,
  CreateTemplateOverrides1795525200000,
  FollowSmtpDialogue1795526000000,
  AddPortalLinks1795526400000,
  IndexCustomersByAddress1795526400002,
  SealAudit1795600100000,
  NumberAuditEntries1795600100001,
  IndexAudit1795600100002,
  AddApiKeys1795600200000,
  AddErasure1795600400000,
  AddAlerts1795700000000,
  AddReplayEffects1795800000000,
  IndexErasedPersons1795800000001,
  CountResends1795900000000,
  ListEmptiedEntries1796000000000,
  IndexSuppressionEntries1796000000001,
  HideInAppMessages1796000000002,
  MarkHandover1796000000003,
  DateChannelFaults1796000000004,
  CountAddressFailures1796100140000,
  KeepUnreadMailReports1796100140001,
  NameReplayStarter1796100160000,
  FoldAddressesWithoutCollation1796100180000,
  IndexFoldedAddresses1796100180001,
  DateFirstDecisions1796100190000,
  MeasureStorage1796100190001,
  FindEvents1796100300000,
  KeepBothTimes1796200100000,
  AddSubscriptions1796200200000,
  SumRevenue1796200300000,
  IndexStages1796200400000,
  ReconcileBilling1796200500000,
  IndexFormerAddresses1796200600000,
  AddUserMilestones1796200650000,
  AddBehaviour1796200700000,
  AddSegments1796200800000,
  AddQuestions1796200900000,
  AddExperiments1796201000000,
  AddExperimentResults1796201000001,
  AddPredictions1796201100000,
  AddIntegrations1796201200000,
  HardenDeliveries1796201300000,
  OperateConnectors1796201400000,
  AddAutomations1796201500000,
];
