/// The number that says what a journal entry is: Doris' own (`contract/behaviour.md §8`) where it has one for the purpose,
/// ours from 10000 on. A number is never used twice; what is retired stays listed.
public enum OperationCode: Int16, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case saveNextID = 0
    case createDatabase = 1
    case dropDatabase = 2
    case createTable = 10
    case dropTable = 11
    case addReplica = 42
    case deleteReplica = 43
    case updateReplicas = 45
    case backendTabletsBad = 46
    case backendReplicasInfo = 48
    case addBackend = 50
    case dropBackend = 51
    case backendStateChange = 52
    case addFrontend = 55
    case addFirstFrontend = 56
    case removeFrontend = 57
    case timestamp = 70
    case masterInfoChange = 71
    case upsertTransaction = 100
    case removeTransactions = 106
    case pushCooldownConf = 129
    case createResource = 276
    case dropResource = 277
    case alterResource = 278
    case createPolicy = 310
    case dropPolicy = 311
    case alterPolicy = 312
    case cooldownDelete = 402
    case setTablePolicy = 10_000
    case setTableState = 10_001
    case setEpoch = 10_002
    case addTablets = 10_003
    case skipped = 10_020
    case stageFailedReplicas = 10_100
    case upsertStagedTransaction = 10_101
    case beginLife = 10_010
    case olderMetadataFound = 10_011
    case olderMetadataSettled = 10_012
    case adoptVersions = 10_013
    case beginAlter = 10_140
    case updateAlter = 10_141
    case finishAlter = 10_142
    case cancelAlter = 10_143
    case setTableColumns = 10_144
    case upsertBackupJob = 10_130
    case removeBackupJobs = 10_131
    case tableRestored = 10_132
    case setBackupUnits = 10_133
    case updateBackupJob = 10_134
    case placeBackends = 10_150
    case upsertUser = 10_160
    case dropUser = 10_161

    public var description: String { "op \(rawValue) (\(name))" }

    public var name: String {
        switch self {
        case .saveNextID: "save next id"
        case .createDatabase: "create database"
        case .dropDatabase: "drop database"
        case .createTable: "create table"
        case .dropTable: "drop table"
        case .addReplica: "add replica"
        case .deleteReplica: "delete replica"
        case .updateReplicas: "update replicas"
        case .backendTabletsBad: "backend tablets bad"
        case .backendReplicasInfo: "backend replicas info"
        case .addBackend: "add backend"
        case .dropBackend: "drop backend"
        case .backendStateChange: "backend state change"
        case .addFrontend: "add frontend"
        case .addFirstFrontend: "add first frontend"
        case .removeFrontend: "remove frontend"
        case .timestamp: "timestamp"
        case .masterInfoChange: "master info change"
        case .upsertTransaction: "upsert transaction"
        case .removeTransactions: "remove transactions"
        case .pushCooldownConf: "push cooldown conf"
        case .createResource: "create resource"
        case .dropResource: "drop resource"
        case .alterResource: "alter resource"
        case .createPolicy: "create policy"
        case .dropPolicy: "drop policy"
        case .alterPolicy: "alter policy"
        case .cooldownDelete: "cooldown delete"
        case .skipped: "skipped"
        case .stageFailedReplicas: "stage failed replicas"
        case .upsertStagedTransaction: "upsert staged transaction"
        case .setTablePolicy: "set table policy"
        case .setTableState: "set table state"
        case .setEpoch: "set epoch"
        case .addTablets: "add tablets"
        case .beginLife: "begin life"
        case .olderMetadataFound: "older metadata found"
        case .olderMetadataSettled: "older metadata settled"
        case .adoptVersions: "adopt versions"
        case .beginAlter: "begin alter"
        case .updateAlter: "update alter"
        case .finishAlter: "finish alter"
        case .cancelAlter: "cancel alter"
        case .setTableColumns: "set table columns"
        case .upsertBackupJob: "upsert backup job"
        case .removeBackupJobs: "remove backup jobs"
        case .tableRestored: "table restored"
        case .setBackupUnits: "set backup units"
        case .updateBackupJob: "update backup job"
        case .placeBackends: "place backends"
        case .upsertUser: "upsert user"
        case .dropUser: "drop user"
        }
    }
}
