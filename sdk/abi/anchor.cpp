// Every type that crosses the boundary, complete, in a library that abidiff can read.
//
// scripts/abi-check compiles this with debug information about all members and compares it with the baseline beside it. Without a use of
// `sizeof` a type that is only pointed at would be incomplete there, and changes in it would not be seen. A test checks that no type of the
// headers is missing here.

#include <cstddef>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/header.hpp"
#include "driftstack/host.hpp"
#include "driftstack/http.hpp"
#include "driftstack/plugin.hpp"
#include "driftstack/principal.hpp"
#include "driftstack/problem.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/accounts.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/audit_verification.hpp"
#include "driftstack/roles/authenticator.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "driftstack/roles/browser_view.hpp"
#include "driftstack/roles/caller_standing.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/roles/key_administration.hpp"
#include "driftstack/roles/machine_check.hpp"
#include "driftstack/roles/mail_previews.hpp"
#include "driftstack/roles/mailer.hpp"
#include "driftstack/roles/object_store.hpp"
#include "driftstack/roles/rate_limiter.hpp"
#include "driftstack/roles/second_factor.hpp"
#include "driftstack/roles/sign_in_desk.hpp"
#include "driftstack/roles/slow_hash.hpp"
#include "driftstack/scope.hpp"
#include "driftstack/task.hpp"
#include "driftstack/uuid.hpp"

#define DRIFTSTACK_ABI_ANCHOR(name, ...) \
  extern "C" __attribute__((visibility("default"))) std::size_t abi_##name(__VA_ARGS__& object) { return sizeof(object); }

// abi.hpp
DRIFTSTACK_ABI_ANCHOR(InterfaceId, driftstack::InterfaceId)
DRIFTSTACK_ABI_ANCHOR(BuildFacts, driftstack::BuildFacts)
DRIFTSTACK_ABI_ANCHOR(BuildNote, driftstack::BuildNote)

// result.hpp
DRIFTSTACK_ABI_ANCHOR(Errc, driftstack::Errc)
DRIFTSTACK_ABI_ANCHOR(Error, driftstack::Error)
DRIFTSTACK_ABI_ANCHOR(Done, driftstack::Done)
DRIFTSTACK_ABI_ANCHOR(Result, driftstack::Result<std::string>)

// task.hpp
DRIFTSTACK_ABI_ANCHOR(PromiseHead, driftstack::detail::PromiseHead)
DRIFTSTACK_ABI_ANCHOR(Promise, driftstack::detail::Promise<driftstack::Result<>>)
DRIFTSTACK_ABI_ANCHOR(Task, driftstack::AsyncResult<>)

// call.hpp
DRIFTSTACK_ABI_ANCHOR(Call, driftstack::Call)

// header.hpp
DRIFTSTACK_ABI_ANCHOR(Header, driftstack::Header)

// uuid.hpp
DRIFTSTACK_ABI_ANCHOR(Uuid, driftstack::Uuid)

// scope.hpp
DRIFTSTACK_ABI_ANCHOR(Scope, driftstack::Scope)
DRIFTSTACK_ABI_ANCHOR(ScopeSet, driftstack::ScopeSet)

// principal.hpp
DRIFTSTACK_ABI_ANCHOR(TierSlug, driftstack::TierSlug)
DRIFTSTACK_ABI_ANCHOR(CredentialKind, driftstack::CredentialKind)
DRIFTSTACK_ABI_ANCHOR(TeamRole, driftstack::TeamRole)
DRIFTSTACK_ABI_ANCHOR(Principal, driftstack::Principal)

// problem.hpp
DRIFTSTACK_ABI_ANCHOR(ProblemKind, driftstack::ProblemKind)

// host.hpp
DRIFTSTACK_ABI_ANCHOR(Readiness, driftstack::Readiness)
DRIFTSTACK_ABI_ANCHOR(ReadinessHandler, driftstack::ReadinessHandler)
DRIFTSTACK_ABI_ANCHOR(Watch, driftstack::Watch)
DRIFTSTACK_ABI_ANCHOR(Scheduler, driftstack::Scheduler)
DRIFTSTACK_ABI_ANCHOR(on_workers, driftstack::on_workers)
DRIFTSTACK_ABI_ANCHOR(on_io, driftstack::on_io)
DRIFTSTACK_ABI_ANCHOR(until, driftstack::until)
DRIFTSTACK_ABI_ANCHOR(Clock, driftstack::Clock)
DRIFTSTACK_ABI_ANCHOR(LogLevel, driftstack::LogLevel)
DRIFTSTACK_ABI_ANCHOR(LogField, driftstack::LogField)
DRIFTSTACK_ABI_ANCHOR(Log, driftstack::Log)
DRIFTSTACK_ABI_ANCHOR(Label, driftstack::Label)
DRIFTSTACK_ABI_ANCHOR(Counter, driftstack::Counter)
DRIFTSTACK_ABI_ANCHOR(Gauge, driftstack::Gauge)
DRIFTSTACK_ABI_ANCHOR(Histogram, driftstack::Histogram)
DRIFTSTACK_ABI_ANCHOR(MetricSample, driftstack::MetricSample)
DRIFTSTACK_ABI_ANCHOR(MetricVisitor, driftstack::MetricVisitor)
DRIFTSTACK_ABI_ANCHOR(Metrics, driftstack::Metrics)
DRIFTSTACK_ABI_ANCHOR(Settings, driftstack::Settings)
DRIFTSTACK_ABI_ANCHOR(Secrets, driftstack::Secrets)
DRIFTSTACK_ABI_ANCHOR(OutboundRequest, driftstack::OutboundRequest)
DRIFTSTACK_ABI_ANCHOR(OutboundResponse, driftstack::OutboundResponse)
DRIFTSTACK_ABI_ANCHOR(OutboundHttp, driftstack::OutboundHttp)
DRIFTSTACK_ABI_ANCHOR(WorkerTick, driftstack::WorkerTick)
DRIFTSTACK_ABI_ANCHOR(Host, driftstack::Host)
DRIFTSTACK_ABI_ANCHOR(HealthCheck, driftstack::HealthCheck)

// http.hpp
DRIFTSTACK_ABI_ANCHOR(Method, driftstack::Method)
DRIFTSTACK_ABI_ANCHOR(HeaderView, driftstack::HeaderView)
DRIFTSTACK_ABI_ANCHOR(ParameterView, driftstack::ParameterView)
DRIFTSTACK_ABI_ANCHOR(IdempotencyRecord, driftstack::IdempotencyRecord)
DRIFTSTACK_ABI_ANCHOR(Request, driftstack::Request)
DRIFTSTACK_ABI_ANCHOR(EventSource, driftstack::EventSource)
DRIFTSTACK_ABI_ANCHOR(SocketMessage, driftstack::SocketMessage)
DRIFTSTACK_ABI_ANCHOR(MessageStream, driftstack::MessageStream)
DRIFTSTACK_ABI_ANCHOR(Response, driftstack::Response)
DRIFTSTACK_ABI_ANCHOR(RouteHandler, driftstack::RouteHandler)
DRIFTSTACK_ABI_ANCHOR(Authentication, driftstack::Authentication)
DRIFTSTACK_ABI_ANCHOR(TeamAccess, driftstack::TeamAccess)
DRIFTSTACK_ABI_ANCHOR(Idempotency, driftstack::Idempotency)
DRIFTSTACK_ABI_ANCHOR(BodyKind, driftstack::BodyKind)
DRIFTSTACK_ABI_ANCHOR(Route, driftstack::Route)
DRIFTSTACK_ABI_ANCHOR(RouteSource, driftstack::RouteSource)

// plugin.hpp
DRIFTSTACK_ABI_ANCHOR(Plugin, driftstack::Plugin)

// roles/accounts.hpp
DRIFTSTACK_ABI_ANCHOR(TierCaps, driftstack::TierCaps)
DRIFTSTACK_ABI_ANCHOR(AccountDirectory, driftstack::AccountDirectory)
DRIFTSTACK_ABI_ANCHOR(AccountUsage, driftstack::AccountUsage)

// roles/audit_log.hpp
DRIFTSTACK_ABI_ANCHOR(AuditActor, driftstack::AuditActor)
DRIFTSTACK_ABI_ANCHOR(AuditEntry, driftstack::AuditEntry)
DRIFTSTACK_ABI_ANCHOR(AuditLog, driftstack::AuditLog)

// roles/audit_verification.hpp
DRIFTSTACK_ABI_ANCHOR(AuditBreakKind, driftstack::AuditBreakKind)
DRIFTSTACK_ABI_ANCHOR(AuditBreak, driftstack::AuditBreak)
DRIFTSTACK_ABI_ANCHOR(AuditVerdict, driftstack::AuditVerdict)
DRIFTSTACK_ABI_ANCHOR(AuditVerification, driftstack::AuditVerification)

// roles/authenticator.hpp
DRIFTSTACK_ABI_ANCHOR(Authenticator, driftstack::Authenticator)
// roles/caller_standing.hpp
DRIFTSTACK_ABI_ANCHOR(CallerStanding, driftstack::CallerStanding)

// roles/browser_backend.hpp
DRIFTSTACK_ABI_ANCHOR(browser_Archetype, driftstack::browser::Archetype)
DRIFTSTACK_ABI_ANCHOR(browser_ProxyScheme, driftstack::browser::ProxyScheme)
DRIFTSTACK_ABI_ANCHOR(browser_Proxy, driftstack::browser::Proxy)
DRIFTSTACK_ABI_ANCHOR(browser_Start, driftstack::browser::Start)
DRIFTSTACK_ABI_ANCHOR(browser_SaveState, driftstack::browser::SaveState)
DRIFTSTACK_ABI_ANCHOR(browser_SavedState, driftstack::browser::SavedState)
DRIFTSTACK_ABI_ANCHOR(browser_ProbeProxy, driftstack::browser::ProbeProxy)
DRIFTSTACK_ABI_ANCHOR(browser_ProxyFailure, driftstack::browser::ProxyFailure)
DRIFTSTACK_ABI_ANCHOR(browser_ProxyProbed, driftstack::browser::ProxyProbed)
DRIFTSTACK_ABI_ANCHOR(browser_WaitUntil, driftstack::browser::WaitUntil)
DRIFTSTACK_ABI_ANCHOR(browser_Navigate, driftstack::browser::Navigate)
DRIFTSTACK_ABI_ANCHOR(browser_Navigated, driftstack::browser::Navigated)
DRIFTSTACK_ABI_ANCHOR(browser_FrameMatch, driftstack::browser::FrameMatch)
DRIFTSTACK_ABI_ANCHOR(browser_Tap, driftstack::browser::Tap)
DRIFTSTACK_ABI_ANCHOR(browser_TypeText, driftstack::browser::TypeText)
DRIFTSTACK_ABI_ANCHOR(browser_Scroll, driftstack::browser::Scroll)
DRIFTSTACK_ABI_ANCHOR(browser_Press, driftstack::browser::Press)
DRIFTSTACK_ABI_ANCHOR(browser_Hover, driftstack::browser::Hover)
DRIFTSTACK_ABI_ANCHOR(browser_Select, driftstack::browser::Select)
DRIFTSTACK_ABI_ANCHOR(browser_Clear, driftstack::browser::Clear)
DRIFTSTACK_ABI_ANCHOR(browser_Check, driftstack::browser::Check)
DRIFTSTACK_ABI_ANCHOR(browser_UploadFile, driftstack::browser::UploadFile)
DRIFTSTACK_ABI_ANCHOR(browser_Upload, driftstack::browser::Upload)
DRIFTSTACK_ABI_ANCHOR(browser_Drag, driftstack::browser::Drag)
DRIFTSTACK_ABI_ANCHOR(browser_AnswerDialog, driftstack::browser::AnswerDialog)
DRIFTSTACK_ABI_ANCHOR(browser_Interact, driftstack::browser::Interact)
DRIFTSTACK_ABI_ANCHOR(browser_Interacted, driftstack::browser::Interacted)
DRIFTSTACK_ABI_ANCHOR(browser_SelectorPresent, driftstack::browser::SelectorPresent)
DRIFTSTACK_ABI_ANCHOR(browser_SelectorHidden, driftstack::browser::SelectorHidden)
DRIFTSTACK_ABI_ANCHOR(browser_UrlMatches, driftstack::browser::UrlMatches)
DRIFTSTACK_ABI_ANCHOR(browser_TimePassed, driftstack::browser::TimePassed)
DRIFTSTACK_ABI_ANCHOR(browser_Wait, driftstack::browser::Wait)
DRIFTSTACK_ABI_ANCHOR(browser_Waited, driftstack::browser::Waited)
DRIFTSTACK_ABI_ANCHOR(browser_GetState, driftstack::browser::GetState)
DRIFTSTACK_ABI_ANCHOR(browser_Cookie, driftstack::browser::Cookie)
DRIFTSTACK_ABI_ANCHOR(browser_PageLoad, driftstack::browser::PageLoad)
DRIFTSTACK_ABI_ANCHOR(browser_LoadError, driftstack::browser::LoadError)
DRIFTSTACK_ABI_ANCHOR(browser_PageError, driftstack::browser::PageError)
DRIFTSTACK_ABI_ANCHOR(browser_PageState, driftstack::browser::PageState)
DRIFTSTACK_ABI_ANCHOR(browser_Popup, driftstack::browser::Popup)
DRIFTSTACK_ABI_ANCHOR(browser_State, driftstack::browser::State)
DRIFTSTACK_ABI_ANCHOR(browser_CaptureKind, driftstack::browser::CaptureKind)
DRIFTSTACK_ABI_ANCHOR(browser_ImageFormat, driftstack::browser::ImageFormat)
DRIFTSTACK_ABI_ANCHOR(browser_Capture, driftstack::browser::Capture)
DRIFTSTACK_ABI_ANCHOR(browser_Captured, driftstack::browser::Captured)
DRIFTSTACK_ABI_ANCHOR(browser_Link, driftstack::browser::Link)
DRIFTSTACK_ABI_ANCHOR(browser_ExtractType, driftstack::browser::ExtractType)
DRIFTSTACK_ABI_ANCHOR(browser_FieldType, driftstack::browser::FieldType)
DRIFTSTACK_ABI_ANCHOR(browser_Transform, driftstack::browser::Transform)
DRIFTSTACK_ABI_ANCHOR(browser_ExtractField, driftstack::browser::ExtractField)
DRIFTSTACK_ABI_ANCHOR(browser_Extraction, driftstack::browser::Extraction)
DRIFTSTACK_ABI_ANCHOR(browser_Extract, driftstack::browser::Extract)
DRIFTSTACK_ABI_ANCHOR(browser_Extracted, driftstack::browser::Extracted)
DRIFTSTACK_ABI_ANCHOR(browser_Search, driftstack::browser::Search)
DRIFTSTACK_ABI_ANCHOR(browser_Searched, driftstack::browser::Searched)
DRIFTSTACK_ABI_ANCHOR(browser_Login, driftstack::browser::Login)
DRIFTSTACK_ABI_ANCHOR(browser_LoggedIn, driftstack::browser::LoggedIn)
DRIFTSTACK_ABI_ANCHOR(browser_Stop, driftstack::browser::Stop)
DRIFTSTACK_ABI_ANCHOR(browser_Traffic, driftstack::browser::Traffic)
DRIFTSTACK_ABI_ANCHOR(browser_Stopped, driftstack::browser::Stopped)
DRIFTSTACK_ABI_ANCHOR(browser_Listener, driftstack::browser::Listener)
DRIFTSTACK_ABI_ANCHOR(browser_Backend, driftstack::browser::Backend)

// roles/browser_view.hpp
DRIFTSTACK_ABI_ANCHOR(browser_NextFrame, driftstack::browser::NextFrame)
DRIFTSTACK_ABI_ANCHOR(browser_Frame, driftstack::browser::Frame)
DRIFTSTACK_ABI_ANCHOR(browser_TapAt, driftstack::browser::TapAt)
DRIFTSTACK_ABI_ANCHOR(browser_HoverAt, driftstack::browser::HoverAt)
DRIFTSTACK_ABI_ANCHOR(browser_DragAt, driftstack::browser::DragAt)
DRIFTSTACK_ABI_ANCHOR(browser_ScrollAt, driftstack::browser::ScrollAt)
DRIFTSTACK_ABI_ANCHOR(browser_TypeKeys, driftstack::browser::TypeKeys)
DRIFTSTACK_ABI_ANCHOR(browser_SendInput, driftstack::browser::SendInput)
DRIFTSTACK_ABI_ANCHOR(browser_View, driftstack::browser::View)

// roles/database.hpp
DRIFTSTACK_ABI_ANCHOR(db_Statement, driftstack::db::Statement)
DRIFTSTACK_ABI_ANCHOR(db_Blob, driftstack::db::Blob)
DRIFTSTACK_ABI_ANCHOR(db_Type, driftstack::db::Type)
DRIFTSTACK_ABI_ANCHOR(db_Value, driftstack::db::Value)
DRIFTSTACK_ABI_ANCHOR(db_Row, driftstack::db::Row)
DRIFTSTACK_ABI_ANCHOR(db_Rows, driftstack::db::Rows)
DRIFTSTACK_ABI_ANCHOR(db_Batch, driftstack::db::Batch)
DRIFTSTACK_ABI_ANCHOR(db_Transaction, driftstack::db::Transaction)
DRIFTSTACK_ABI_ANCHOR(db_TransactionBody, driftstack::db::TransactionBody)
DRIFTSTACK_ABI_ANCHOR(db_Migration, driftstack::db::Migration)
DRIFTSTACK_ABI_ANCHOR(db_Database, driftstack::db::Database)

// roles/key_administration.hpp
DRIFTSTACK_ABI_ANCHOR(BootstrapKeys, driftstack::BootstrapKeys)
DRIFTSTACK_ABI_ANCHOR(KeySpec, driftstack::KeySpec)
DRIFTSTACK_ABI_ANCHOR(KeyRecord, driftstack::KeyRecord)
DRIFTSTACK_ABI_ANCHOR(CreatedKey, driftstack::CreatedKey)
DRIFTSTACK_ABI_ANCHOR(KeyAdministration, driftstack::KeyAdministration)

// roles/machine_check.hpp
DRIFTSTACK_ABI_ANCHOR(MachineCheck, driftstack::MachineCheck)

// roles/mail_previews.hpp
DRIFTSTACK_ABI_ANCHOR(MailPreviews, driftstack::MailPreviews)

// roles/mailer.hpp
DRIFTSTACK_ABI_ANCHOR(mail_Stream, driftstack::mail::Stream)
DRIFTSTACK_ABI_ANCHOR(mail_Message, driftstack::mail::Message)
DRIFTSTACK_ABI_ANCHOR(mail_Outcome, driftstack::mail::Outcome)
DRIFTSTACK_ABI_ANCHOR(mail_Attempt, driftstack::mail::Attempt)
DRIFTSTACK_ABI_ANCHOR(mail_Mailer, driftstack::mail::Mailer)

// roles/object_store.hpp
DRIFTSTACK_ABI_ANCHOR(objects_Info, driftstack::objects::Info)
DRIFTSTACK_ABI_ANCHOR(objects_Put, driftstack::objects::Put)
DRIFTSTACK_ABI_ANCHOR(objects_Get, driftstack::objects::Get)
DRIFTSTACK_ABI_ANCHOR(objects_Got, driftstack::objects::Got)
DRIFTSTACK_ABI_ANCHOR(objects_Head, driftstack::objects::Head)
DRIFTSTACK_ABI_ANCHOR(objects_Remove, driftstack::objects::Remove)
DRIFTSTACK_ABI_ANCHOR(objects_List, driftstack::objects::List)
DRIFTSTACK_ABI_ANCHOR(objects_Listed, driftstack::objects::Listed)
DRIFTSTACK_ABI_ANCHOR(objects_Listing, driftstack::objects::Listing)
DRIFTSTACK_ABI_ANCHOR(objects_Presign, driftstack::objects::Presign)
DRIFTSTACK_ABI_ANCHOR(objects_Presigned, driftstack::objects::Presigned)
DRIFTSTACK_ABI_ANCHOR(objects_Store, driftstack::objects::Store)

// roles/rate_limiter.hpp
DRIFTSTACK_ABI_ANCHOR(RateSubject, driftstack::RateSubject)
DRIFTSTACK_ABI_ANCHOR(RateDecision, driftstack::RateDecision)
DRIFTSTACK_ABI_ANCHOR(BucketLimits, driftstack::BucketLimits)
DRIFTSTACK_ABI_ANCHOR(RateLimiter, driftstack::RateLimiter)

// roles/second_factor.hpp
DRIFTSTACK_ABI_ANCHOR(SignInChallenge, driftstack::SignInChallenge)
DRIFTSTACK_ABI_ANCHOR(SecondFactor, driftstack::SecondFactor)

// roles/sign_in_desk.hpp
DRIFTSTACK_ABI_ANCHOR(IssuedWebSession, driftstack::IssuedWebSession)
DRIFTSTACK_ABI_ANCHOR(SecurityNotice, driftstack::SecurityNotice)
DRIFTSTACK_ABI_ANCHOR(SignInDesk, driftstack::SignInDesk)

// roles/slow_hash.hpp
DRIFTSTACK_ABI_ANCHOR(SlowHash, driftstack::SlowHash)
