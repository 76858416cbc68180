// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: Swift 6, warnings are errors, imports say what they are for.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "tabletd",
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0")
    ],
    targets: [
        // Pure Swift: no C, no sockets, no clock.
        .target(name: "TabletModel", swiftSettings: house),
        .target(name: "Platform", dependencies: ["TabletModel"], swiftSettings: house),
        .testTarget(name: "TabletModelTests", dependencies: ["TabletModel"], swiftSettings: house),
        .testTarget(name: "PlatformTests", dependencies: ["Platform"], swiftSettings: house),
    ]
)
